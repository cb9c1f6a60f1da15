import { hasherContract } from "../contract/hasher.ts";
import { createNodeHasher } from "./node-hasher.ts";

hasherContract("the hasher of Node", createNodeHasher);
