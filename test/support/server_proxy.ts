/**
 * A proxy before a server: it counts requests, and cuts the connection at the
 * next thing that a client says.
 *
 * @module
 */

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { TestContext } from "vitest";

/**
 * When the connection is cut: before the server hears anything of it, after it
 * has heard and answered, or while it hears it.
 */
export type Cut = "before" | "answered" | "meanwhile";

/** A way to the server, for the time of a test. */
export interface ServerProxy {
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** HTTP requests so far, each by its method and path. */
  readonly requests: readonly string[];
  /** Cuts the connection that says something next; `onCut` is told then. */
  cutNext(cut: Cut, onCut?: () => void): void;
  /** From now on nothing comes through, and nobody is told. */
  stall(): void;
}

/** Passes everything on to a port of the loopback address, until the test ends. */
export async function startServerProxy(
  serverPort: number,
  { onTestFinished }: TestContext,
): Promise<ServerProxy> {
  const requests: string[] = [];
  const lines = new Set<Line>();
  const state: State = { armed: null, isStalled: false };
  const server = createServer((near) => {
    const line = new Line(near, connect(serverPort, "127.0.0.1"), {
      state,
      requests,
    });
    lines.add(line);
    near.once("close", () => lines.delete(line));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const line of lines) line.end();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests,
    cutNext: (cut, onCut = () => {}) => state.armed = { cut, onCut },
    stall: () => state.isStalled = true,
  };
}

interface Armed {
  readonly cut: Cut;
  readonly onCut: () => void;
}

interface State {
  armed: Armed | null;
  isStalled: boolean;
}

const REQUEST = /(?:GET|POST) \S+(?= HTTP\/1\.1\r\n)/g;

/** One connection of a client. */
class Line {
  readonly #near: Socket;
  readonly #far: Socket;
  readonly #state: State;
  readonly #requests: string[];
  /** What is cut when the server answers. */
  #doomed: Armed | null = null;

  constructor(
    near: Socket,
    far: Socket,
    { state, requests }: { state: State; requests: string[] },
  ) {
    this.#near = near;
    this.#far = far;
    this.#state = state;
    this.#requests = requests;
    near.setNoDelay(true).on("data", (bytes) => this.#said(bytes));
    far.setNoDelay(true).on("data", (bytes) => this.#answered(bytes));
    for (const socket of [near, far]) {
      socket.on("error", () => {}).once("close", () => this.end());
    }
  }

  end(): void {
    this.#near.destroy();
    this.#far.destroy();
  }

  #said(bytes: Buffer): void {
    this.#requests.push(...bytes.toString("latin1").match(REQUEST) ?? []);
    if (this.#state.isStalled) return;
    const { armed } = this.#state;
    this.#state.armed = null;
    if (armed?.cut === "before") {
      this.end();
      armed.onCut();
      return;
    }
    this.#far.write(bytes);
    if (armed?.cut === "answered") this.#doomed = armed;
    if (armed?.cut !== "meanwhile") return;
    // The rest of what it says follows at once.
    setImmediate(() =>
      setImmediate(() => {
        armed.onCut();
        this.#near.destroy();
        this.#far.end();
      })
    );
  }

  #answered(bytes: Buffer): void {
    if (this.#state.isStalled) return;
    const doomed = this.#doomed;
    if (doomed === null) return void this.#near.write(bytes);
    this.end();
    doomed.onCut();
  }
}
