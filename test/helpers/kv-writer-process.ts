/**
 * A process that writes to a SQLite store until it is killed: `kv-writer-process.ts PATH commit|hold`.
 *
 * `commit` writes batch after batch of 20 rows and prints the number of batches acknowledged; `hold` writes one and waits.
 *
 * @module
 */
import { openSqliteKv } from "../../adapters/sqlite/sqlite-kv.ts";

const [path, mode] = process.argv.slice(2);
if (path === undefined) throw new Error("Cannot write: the first argument must be the path");
const kv = openSqliteKv({ path, mode: "write" });
const rows = await kv.scan({ first: new Uint8Array([0]), next: new Uint8Array([255, 255]) }, { limit: 100_000 });
let batch = rows.length / 20;
do {
  await kv.commit(Array.from({ length: 20 }, (_, i) => ({
    put: new Uint8Array([1, batch >> 8, batch & 255, i]),
    value: new Uint8Array(100_000).fill(batch & 255),
  })));
  batch++;
  console.log(batch);
  await new Promise((resolve) => setImmediate(resolve)); // lets the line leave
} while (mode === "commit");
setInterval(() => {}, 1_000);
