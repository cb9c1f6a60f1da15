import { describe, expect, it } from "vitest";
import { type ClientAddressOptions, createRequesterOf } from "../../../adapters/http/client-address.ts";
import { isSyncError } from "../../../core/errors.ts";
import { type Log, SILENT_LOG } from "../../../core/ports/log.ts";
import { UNKNOWN_REQUESTER } from "../../../core/storage-service/requester.ts";

const FORWARDED: ClientAddressOptions = { clientAddressHeader: "X-Forwarded-For", trustedProxies: ["10.0.0.0/8"] };

/** Who asks, by the socket's address and the value of the header that proxies write. */
function requester(options: ClientAddressOptions, socketAddress?: string, forwarded?: string) {
  const headers: Record<string, string | undefined> = { "x-forwarded-for": forwarded };
  return createRequesterOf(options)({ socketAddress }, (name) => headers[name]);
}

describe("the address that counts", () => {
  const cases: [socket: string, address: string | undefined][] = [
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::FFFF:cb00:7107", "203.0.113.7"],
    ["2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
    ["2001:DB8:0:1:ffff::1", "2001:db8:0:1::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["127.1", undefined],
    ["0x7f.0.0.1", undefined],
    ["2130706433", undefined],
    ["256.0.0.1", undefined],
    ["example.com", undefined],
    [`fe80::1%${"e".repeat(100)}`, undefined],
    ["", undefined],
  ];
  it.each(cases)("of the socket %s is %s", (socket, address) => {
    expect(requester({}, socket)).toEqual(address === undefined ? UNKNOWN_REQUESTER : { address, trusted: false });
  });

  it("is the same object for everyone at it, and unknown without a socket", () => {
    const requesterOf = createRequesterOf({});
    const [first, second] = ["192.0.2.1", "192.0.2.1"].map((address) =>
      requesterOf({ socketAddress: address }, noHeader)
    );
    expect(second).toBe(first);
    expect(requesterOf({}, noHeader)).toBe(UNKNOWN_REQUESTER);
  });

  it("stays right when more addresses came than are remembered", () => {
    const requesterOf = createRequesterOf({});
    for (let i = 0; i < 10_500; i++) {
      requesterOf({ socketAddress: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` }, noHeader);
    }
    expect(requesterOf({ socketAddress: "10.0.0.7" }, noHeader).address).toBe("10.0.0.7");
  });
});

describe("the header of a proxy", () => {
  const cases: [
    what: string,
    socket: string | undefined,
    forwarded: string | undefined,
    address: string | undefined,
  ][] = [
    ["is not looked at if the socket is nobody's proxy", "203.0.113.7", "198.51.100.1", "203.0.113.7"],
    ["is not looked at without a socket", undefined, "198.51.100.1", undefined],
    ["names the client of a trusted proxy", "10.1.2.3", "198.51.100.1", "198.51.100.1"],
    [
      "names the client of a proxy whose IPv4 address is written as IPv6",
      "::ffff:10.1.2.3",
      "2001:db8::5",
      "2001:db8:0:0::/64",
    ],
    [
      "is believed no further back than the first stranger",
      "10.1.2.3",
      "1.1.1.1, 198.51.100.1 ,10.9.9.9",
      "198.51.100.1",
    ],
    [
      "names the first of several trusted proxies if there is nobody else",
      "10.1.2.3",
      "10.0.0.5, 10.9.9.9",
      "10.0.0.5",
    ],
    ["that is missing leaves nobody to count", "10.1.2.3", undefined, undefined],
    ["that is garbage leaves nobody to count", "10.1.2.3", "unknown", undefined],
    ["that ends in garbage leaves nobody to count", "10.1.2.3", "198.51.100.1, for=x", undefined],
    ["may have a port after an address", "10.1.2.3", "198.51.100.1:54321", "198.51.100.1"],
    ["may have a port after an address in brackets", "10.1.2.3", "[2001:db8::5]:443", "2001:db8:0:0::/64"],
    ["may have an address in brackets", "10.1.2.3", "[2001:db8::5]", "2001:db8:0:0::/64"],
    ["may have an IPv4 address written as IPv6, with a port", "10.1.2.3", "[::ffff:198.51.100.1]:1", "198.51.100.1"],
    ["is followed back through proxies with ports", "10.1.2.3", "1.1.1.1, 198.51.100.1:9, 10.9.9.9:80", "198.51.100.1"],
    ["takes what may be all address as address", "10.1.2.3", "2001:db8:0:1:2:3:4:5000", "2001:db8:0:1::/64"],
    ["with a port that is none leaves nobody to count", "10.1.2.3", "198.51.100.1:x", undefined],
    ["with a port of nobody leaves nobody to count", "10.1.2.3", ":443", undefined],
    ["with garbage in brackets leaves nobody to count", "10.1.2.3", "[127.1]:443", undefined],
  ];
  it.each(cases)("%s", (_, socket, forwarded, address) => {
    expect(requester(FORWARDED, socket, forwarded).address).toBe(address);
  });

  it.each([undefined, "", "unknown", "for=198.51.100.1"])(
    "that names nobody (%s) is said once in the log",
    (forwarded) => {
      const warnings: unknown[] = [];
      const log: Log = { ...SILENT_LOG, warn: (...record) => warnings.push(record) };
      const requesterOf = createRequesterOf(FORWARDED, log);
      expect(requesterOf({ socketAddress: "10.1.2.3" }, () => "198.51.100.1").address).toBe("198.51.100.1");
      expect(requesterOf({ socketAddress: "203.0.113.7" }, () => forwarded).address).toBe("203.0.113.7");
      expect(warnings).toEqual([]);
      for (let i = 0; i < 3; i++) requesterOf({ socketAddress: "10.1.2.3" }, () => forwarded);
      expect(warnings).toEqual([[
        expect.stringContaining("a trusted proxy names no client"),
        { header: "X-Forwarded-For", proxy: "10.1.2.3" },
      ]]);
    },
  );

  it.each(["Forwarded", "forwarded"])("is refused if it is %s, which has another syntax", (clientAddressHeader) => {
    expect(() => createRequesterOf({ clientAddressHeader, trustedProxies: ["::1"] })).toThrow(
      expect.toSatisfy((error) =>
        isSyncError(error, "INVALID_ARGUMENT") && error.message.includes("such as X-Forwarded-For")
      ),
    );
  });

  it("is ignored where none is configured, even of a trusted proxy", () => {
    expect(requester({ trustedProxies: ["10.0.0.0/8"] }, "10.1.2.3", "198.51.100.1").address).toBe("10.1.2.3");
  });

  it("is the platform's where every request comes through its edge, with a socket or without", () => {
    const options: ClientAddressOptions = { ...FORWARDED, trustedProxies: "platform" };
    expect(requester(options, undefined, "198.51.100.1").address).toBe("198.51.100.1");
    expect(requester(options, "203.0.113.7", "198.51.100.1").address).toBe("198.51.100.1");
    expect(requester(options, "203.0.113.7", undefined)).toBe(UNKNOWN_REQUESTER);
  });
});

describe("trusted peers", () => {
  const trustedPeers = ["192.0.2.1", "10.0.0.0/8", "2001:db8:1::/48", "::ffff:198.51.100.0/120", "::1"];
  const cases: [address: string, trusted: boolean][] = [
    ["192.0.2.1", true],
    ["192.0.2.2", false],
    ["::ffff:192.0.2.1", true],
    ["10.255.255.255", true],
    ["11.0.0.0", false],
    ["2001:db8:1:ffff::1", true],
    ["2001:db8:2::1", false],
    ["198.51.100.77", true],
    ["198.51.101.77", false],
    ["::1", true],
    ["::2", false],
  ];
  it.each(cases)("%s: %s", (address, trusted) => {
    expect(requester({ trustedPeers }, address).trusted).toBe(trusted);
  });

  it("are judged by the client's address, not by the proxy's", () => {
    expect(requester({ ...FORWARDED, trustedPeers }, "10.1.2.3", "198.51.101.1").trusted).toBe(false);
    expect(requester({ ...FORWARDED, trustedPeers }, "10.1.2.3", "192.0.2.1").trusted).toBe(true);
    expect(requester({ ...FORWARDED, trustedPeers }, "10.1.2.3").trusted).toBe(false);
  });

  it.each(["10.0.0.0/33", "10.0.0/8", "localhost", "", "1", "::1/129"])("refuse %s", (range) => {
    for (const options of [{ trustedPeers: [range] }, { trustedProxies: [range] }]) {
      expect(() => createRequesterOf(options)).toThrow(
        expect.toSatisfy((error) => isSyncError(error, "INVALID_ARGUMENT")),
      );
    }
  });
});

function noHeader(): undefined {}
