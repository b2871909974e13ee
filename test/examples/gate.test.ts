import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openGate } from "../../examples/gateway/gate.ts";
import { listening } from "../../examples/stage/listening.ts";

const SOON = { patienceMs: 20, silenceMs: 20 };

/** A broker that answers with what it is told; `heard` is all it was told. */
async function startEcho(): Promise<{ url: string; heard: string[] }> {
  const heard: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      heard.push(String(data));
      socket.write(data);
    });
  });
  const url = `mqtt://127.0.0.1:${await listening(server)}`;
  onTestFinished(() => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
  });
  return { url, heard };
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

async function ask(socket: Socket, text: string): Promise<string> {
  socket.write(text);
  const [answer] = await once(socket, "data");
  return String(answer);
}

test("an open gate lets both sides through", async () => {
  const { url } = await startEcho();
  const gate = await openGate(url);
  const socket = await dial(gate.port);
  expect(await ask(socket, "one")).toBe("one");
  expect(await ask(socket, "two")).toBe("two");
});

test("a gate shuts over an answer: it was done, and nobody heard of it", async () => {
  const { url, heard } = await startEcho();
  const gate = await openGate(url);
  const socket = await dial(gate.port);
  await ask(socket, "one");
  const shut = gate.shut({ patienceMs: 60_000, silenceMs: 20 });
  const answers: string[] = [];
  socket.on("data", (data) => answers.push(String(data)));
  const closed = once(socket, "close");
  socket.write("two");
  await shut;
  await closed;
  expect(heard).toEqual(["one", "two"]);
  expect(answers).toEqual([]);
});

test("a shut gate cuts who is inside and lets nobody in until it opens", async () => {
  const { url, heard } = await startEcho();
  const gate = await openGate(url);
  const socket = await dial(gate.port);
  const closed = once(socket, "close");
  await gate.shut(SOON);
  await closed;
  const refused = await dial(gate.port);
  refused.write("lost");
  await once(refused, "close");
  gate.open();
  expect(await ask(await dial(gate.port), "again")).toBe("again");
  expect(heard).toEqual(["again"]);
});
