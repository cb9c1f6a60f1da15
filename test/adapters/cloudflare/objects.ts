/**
 * The Worker under test of the workerd project: one Durable Object class with SQLite storage and nothing else.
 *
 * @module
 */
import { DurableObject } from "cloudflare:workers";

/** Gives tests its storage. */
export class StoreObject extends DurableObject {}
