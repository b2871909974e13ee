/**
 * What the service answers over HTTP: `POST /readings`, and nothing else.
 *
 * @module
 */

import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import * as v from "valibot";
import { type Readings, readingSchema } from "./readings.ts";

const MAX_BODY_CHARACTERS = 10_000;

const bodySchema = v.pipe(
  v.string(),
  v.parseJson(undefined, "The body must be JSON"),
  readingSchema,
);

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

/** Creates the server; it does not listen yet. */
export function createReadingsServer(readings: Readings): Server {
  const server = createServer((request, response) => {
    answer(request, readings).then(
      (it) => {
        // A server that ends does not wait for the client's next request.
        if (!server.listening) response.setHeader("connection", "close");
        send(response, it);
      },
      // The client went away in the middle of its request.
      () => response.destroy(),
    );
  });
  return server;
}

async function answer(
  request: IncomingMessage,
  readings: Readings,
): Promise<Answer> {
  if (request.url !== "/readings") return problem(404, "Not found");
  if (request.method !== "POST") return problem(405, "Only POST is allowed");
  const text = await textOf(request);
  if (text === null) return problem(413, "The body is too long");
  const { success, output, issues } = v.safeParse(bodySchema, text);
  if (!success) return problem(400, v.summarize(issues));
  try {
    return { status: 201, body: { id: await readings.record(output) } };
  } catch (error) {
    // A disk that is full, say. Nothing was promised to the client.
    console.error(error);
    return problem(503, "Not stored; try again later");
  }
}

/** The body, or `null` when it is too long: then it is read and not kept. */
async function textOf(request: IncomingMessage): Promise<string | null> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    if (text.length <= MAX_BODY_CHARACTERS) text += chunk;
  }
  return text.length <= MAX_BODY_CHARACTERS ? text : null;
}

function problem(status: number, error: string): Answer {
  return { status, body: { error } };
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body)}\n`);
}
