import { createNobleHasher } from "../../../core/chain/noble-hasher.ts";
import { hasherContract } from "../../contract/hasher.ts";

hasherContract("the noble hasher", createNobleHasher);
