/**
 * Conformance cases behind a URL: `GET /` names them, `POST /n` runs the n-th.
 *
 * @module
 */

import type { ConformanceCase } from "@mailboat/outbox/testing";

/** Answers a request of the list. */
export async function answer(
  request: Request,
  cases: readonly ConformanceCase[],
): Promise<Response> {
  if (request.method === "GET") {
    return Response.json(cases.map(({ name }) => name));
  }
  const one = cases[Number(new URL(request.url).pathname.slice(1))];
  if (one === undefined) return new Response("no such case", { status: 404 });
  try {
    await one.run();
    return Response.json(null);
  } catch (error) {
    const { stack } = error as Error;
    return Response.json(stack ?? String(error));
  }
}
