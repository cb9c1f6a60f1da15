import { connect } from "node:net";
import { setImmediate } from "node:timers";
import { afterEach, describe, expect, it } from "vitest";
import type { FetchHandler, Listener } from "../../../adapters/cli/platform.ts";
import { NODE_PLATFORM } from "../../../adapters/node/node-platform.ts";

let listener: Listener | undefined;

afterEach(async () => {
  await listener?.close(0);
  listener = undefined;
});

async function listen(handler: FetchHandler): Promise<number> {
  listener = await NODE_PLATFORM.listen(handler, { hostname: "127.0.0.1", port: 0 });
  return Number(new URL(listener.url).port);
}

/** Sends bytes, and reads until the other side hangs up. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => answer += chunk.toString("latin1"));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

const pathOf: FetchHandler = (request) => new Response(new URL(request.url).pathname);

describe("a listener on Node", () => {
  it("answers HTTP/1.0 without a host, as health checks ask", async () => {
    const port = await listen(pathOf);
    expect(await exchange(port, "GET /healthz HTTP/1.0\r\n\r\n")).toMatch(/ 200 [\s\S]*\/healthz$/);
  });

  it("has its handler answer what is no request, like a path that nobody has", async () => {
    const port = await listen(pathOf);
    for (const broken of ["GET / HTTP/1.1\r\nhost: [0:0::1\r\n", "GET / HTTP/1.1\r\nhost: a b\r\n"]) {
      expect(await exchange(port, `${broken}connection: close\r\n\r\n`), broken).toMatch(/\/unreadable/);
    }
  });

  it("sends an answer at the end of the turn in which it is there, with all others of that turn", async () => {
    const order: string[] = [];
    const port = await listen((_, { whenSent }) => {
      whenSent?.(() => order.push("sent"));
      setImmediate(() => order.push("the turn ends"));
      return new Response("a");
    });
    await exchange(port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    expect(order).toEqual(["the turn ends", "sent"]);
  });
});
