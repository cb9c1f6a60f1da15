/**
 * Surface `server`: request frames, decoded and answered in this process.
 *
 * @module
 */
import { equalBytes } from "../../../core/bytes/bytes.ts";
import { isSyncError } from "../../../core/errors.ts";
import type { AnswerFrame } from "../../../core/storage-service/answer-frame.ts";
import { type DataRequest, type DecodedRequest, decodeRequest, encodeRequest } from "../../../core/wire/request.ts";
import { isWaitingRequest } from "../../../core/wire/request-types.ts";
import { encodeResponse } from "../../../core/wire/response.ts";
import { judgeAnswer, judgeRefusal, wayOf, WrongAnswer } from "../answer-oracle.ts";
import { mutateFrame } from "../frame-mutator.ts";
import type { FuzzRandom } from "../fuzz-random.ts";
import type { Outcome, Surface } from "../fuzzer.ts";
import { createFuzzedServer, type FuzzedServer, requesterOf } from "../fuzzed-server.ts";
import type { LedgerFacts } from "../ledger-facts.ts";
import { RequestGrammar } from "../request-grammar.ts";

/** Share of the requests that may wait, of every hundred; each takes some turns of virtual time where it has to. */
const WAITING_PERCENT = 25;

/** What decoding may refuse a frame with. */
const DECODING_CODES = ["MALFORMED_FRAME", "LIMIT_EXCEEDED", "NOT_SERVICEABLE"] as const;

/** Opens it. */
export async function openServerSurface(): Promise<Surface> {
  const fuzzed = await createFuzzedServer();
  const generate = frameGenerator(fuzzed.facts);
  return {
    name: "server",
    extension: "cbor",
    generate,
    run: (frame) => answerFrame(fuzzed, frame),
    passTime: fuzzed.passTime,
    between: fuzzed.between,
    close: async () => fuzzed.server.stop(),
  };
}

/** Makes request frames: by the grammar, and from those by changes. */
export function frameGenerator(
  facts: LedgerFacts,
  waitingPercent: number = WAITING_PERCENT,
): (random: FuzzRandom, pool: readonly Uint8Array[]) => Uint8Array {
  const grammar = new RequestGrammar(facts, waitingPercent);
  const chains = [facts.chain, facts.chain, new Uint8Array(32)];
  const fresh = (random: FuzzRandom) => {
    const chain = random.chance(2) ? random.bytes(32) : random.pick(chains);
    return encodeRequest(chain, grammar.any(random));
  };
  return (random, pool) => {
    if (random.chance(65)) return fresh(random);
    const base = pool.length > 0 && random.chance(40) ? random.pick(pool) : fresh(random);
    return mutateFrame(random, base, pool.length > 0 ? random.pick(pool) : fresh(random));
  };
}

/**
 * Decodes a request frame.
 *
 * @returns The request, or how it was refused.
 * @throws {WrongAnswer} If it has another encoding too; whatever decoding threw that it may not throw.
 */
function decodeFuzzedRequest(frame: Uint8Array): DecodedRequest | Outcome {
  try {
    const decoded = decodeRequest(frame);
    if (!equalBytes(encodeRequest(decoded.chain, decoded.request), frame)) {
      throw new WrongAnswer("the request has two encodings");
    }
    return decoded;
  } catch (error) {
    if (!isSyncError(error) || !DECODING_CODES.some((code) => code === error.code)) throw error;
    return { isAnswered: false, way: wayOf(error) };
  }
}

async function answerFrame(fuzzed: FuzzedServer, frame: Uint8Array): Promise<Outcome> {
  const { server, config } = fuzzed;
  const decoded = decodeFuzzedRequest(frame);
  if (!("request" in decoded)) return decoded;
  const { request } = decoded;
  const givesUp = isWaitingRequest(request) && (frame.at(-1) ?? 0) % 16 === 5;
  const client = new AbortController();
  try {
    const answer = server.answer(request, requesterOf(frame), client.signal);
    if (givesUp) queueMicrotask(() => client.abort(new GaveUp()));
    const answered = await answer;
    const outcome = judgeAnswer(request, answered.bytes, config);
    if ((frame.at(-2) ?? 0) % 8 === 3) await comparePlain(fuzzed, request, answered);
    return outcome;
  } catch (error) {
    if (error instanceof GaveUp && givesUp) return { isAnswered: false, way: `${request.kind} given up` };
    return judgeRefusal(request, error);
  }
}

/** Compares an answer that says it may be kept with one that was not: what was kept or shared must be the same. */
async function comparePlain({ server, plain }: FuzzedServer, request: DataRequest, frame: AnswerFrame): Promise<void> {
  if (isWaitingRequest(request) || (frame.lifetime !== "immutable" && frame.lifetime !== "minute")) return;
  const bytes = encodeResponse(await server.chain(), await plain.handle(request));
  if (!equalBytes(bytes, frame.bytes)) throw new WrongAnswer("the answer differs from one that is made anew");
}

class GaveUp extends Error {}
