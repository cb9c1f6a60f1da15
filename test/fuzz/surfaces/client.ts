/**
 * Surface `client`: answers of a real server, changed on their way, as a client decodes them.
 *
 * @module
 */
import { equalBytes } from "../../../core/bytes/bytes.ts";
import { ANSWER_KINDS, type DirectRequest, type DirectRequestKind } from "../../../core/data-client/answer.ts";
import { assertAnswers } from "../../../core/data-client/echo.ts";
import { isSyncError } from "../../../core/errors.ts";
import { encodeError } from "../../../core/wire/error-frame.ts";
import { MAX_RESPONSE_BYTES } from "../../../core/wire/limits.ts";
import type { DataRequest } from "../../../core/wire/request.ts";
import { type DataResponse, decodeResponse, encodeResponse } from "../../../core/wire/response.ts";
import { wayOf, WrongAnswer } from "../answer-oracle.ts";
import { mutateFrame } from "../frame-mutator.ts";
import { FuzzRandom } from "../fuzz-random.ts";
import type { Outcome, Surface } from "../fuzzer.ts";
import { createFuzzedServer, type FuzzedServer } from "../fuzzed-server.ts";
import { RequestGrammar } from "../request-grammar.ts";

/** What decoding may refuse an answer with. */
const DECODING_CODES = ["MALFORMED_FRAME", "LIMIT_EXCEEDED"] as const;

/** Real answers to start from: some of every kind, errors too. */
const SAMPLES = 400;

/** Larger ones are changed no differently, and take time. */
const MAX_SAMPLE_BYTES = 16_384;

/** Share of the inputs that are made of errors. */
const ERROR_PERCENT = 8;

const TRUSTED = { trusted: true };

interface Sample {
  readonly request: DataRequest;
  readonly frame: Uint8Array;
  readonly isError: boolean;
}

/** Opens it. */
export async function openClientSurface(): Promise<Surface> {
  const fuzzed = await createFuzzedServer();
  const samples = await collectSamples(fuzzed);
  const answers = samples.filter(({ isError }) => !isError);
  const errors = samples.filter(({ isError }) => isError);
  fuzzed.server.stop();
  const generate = (random: FuzzRandom, pool: readonly Uint8Array[]) => {
    const { frame } = random.pick(random.chance(ERROR_PERCENT) ? errors : answers);
    if (random.chance(10)) return frame;
    const base = pool.length > 0 && random.chance(15) ? random.pick(pool) : frame;
    return mutateFrame(random, base, random.pick(samples).frame);
  };
  const run = async (frame: Uint8Array) => decodeAnswer(frame, samples);
  return { name: "client", extension: "cbor", generate, run, close: async () => {} };
}

async function collectSamples({ server, facts, passTime }: FuzzedServer): Promise<Sample[]> {
  const grammar = new RequestGrammar(facts, 30);
  const chain = await server.chain();
  const samples: Sample[] = [];
  const asked = Array.from({ length: SAMPLES }, async (_, i) => {
    const request = grammar.any(new FuzzRandom(0, i));
    const { frame, isError } = await server.answer(request, TRUSTED).then(
      ({ bytes }) => ({ frame: bytes, isError: false }),
      (error) => ({ frame: encodeError(chain, error), isError: true }),
    );
    if (frame.length <= MAX_SAMPLE_BYTES) samples.push({ request, frame, isError });
  });
  let isOver = false;
  const over = Promise.all(asked).then(() => {
    isOver = true;
  });
  while (!isOver) await passTime();
  await over;
  return samples;
}

function decodeAnswer(frame: Uint8Array, samples: readonly Sample[]): Outcome {
  try {
    const { chain, response, error } = decodeResponse(frame, { maxBytes: MAX_RESPONSE_BYTES });
    if (error !== undefined) return { isAnswered: false, way: `error ${error.code}` };
    if (!equalBytes(encodeResponse(chain, response), frame)) throw new WrongAnswer("the answer has two encodings");
    return { isAnswered: true, way: `${response.kind} ${echoOf(response, samples)}` };
  } catch (error) {
    if (!isSyncError(error) || !DECODING_CODES.some((code) => code === error.code)) throw error;
    return { isAnswered: false, way: wayOf(error) };
  }
}

/** Whether it answers the first request of its kind. */
function echoOf(response: DataResponse, samples: readonly Sample[]): string {
  const asked = samples.find(({ request }) => ANSWER_KINDS[request.kind as DirectRequestKind] === response.kind);
  if (asked === undefined) return "waited for";
  try {
    assertAnswers(asked.request as DirectRequest<DirectRequestKind>, response);
    return "to its request";
  } catch (error) {
    if (isSyncError(error, "RESPONSE_MISMATCH")) return wayOf(error);
    throw error;
  }
}
