/**
 * What the kernel knows of a workerd process: how much CPU it took, how much memory it holds. Linux only.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";

/** Ticks a second in which the kernel counts CPU time, on every Linux there is. */
const TICKS_PER_SECOND = 100;
/** Fields of `/proc/PID/stat` behind the name: the parent, CPU time in user and system mode. */
const PARENT = 1;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;

/** Process numbers of all workerd processes that this process started. */
export function workerdProcesses(): number[] {
  return readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).map(Number).filter((pid) => {
    try {
      const text = readFileSync(`/proc/${pid}/stat`, "utf8");
      return text.includes("(workerd)") && Number(fieldsOf(text)[PARENT]) === process.pid;
    } catch {
      // Ended between the two calls.
      return false;
    }
  });
}

/** CPU seconds that a process took so far, in steps of a hundredth. */
export function cpuSeconds(pid: number): number {
  const fields = fieldsOf(readFileSync(`/proc/${pid}/stat`, "utf8"));
  return (Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
}

/** Resident memory of a process, in megabytes. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes = "0"] = /^VmRSS:\s+([0-9]+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kilobytes) / 1024;
}

/** Fields behind the name, which may hold spaces. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
