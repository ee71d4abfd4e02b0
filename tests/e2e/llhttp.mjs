// llhttp.mjs SAY SECONDS SEED - our parser beside llhttp, on mutated requests.
//
// SAY is tests/e2e/http1_say. Nothing that llhttp refuses or reads otherwise
// may be accepted by ours, but for the reasons of LOOSER. Prints one line of
// JSON; "bad" are the disagreements that nothing explains.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

process.removeAllListeners('warning');
process.on('warning', () => {});
const { HTTPParser, methods } = process.binding('http_parser');
const [say, seconds, seed0] = [process.argv[2], +process.argv[3],
  +process.argv[4]];

// What llhttp refuses and RFC 9112 allows: its code, and why that is so.
const LOOSER = {
  HPE_INVALID_METHOD: 'any token is a method; the table of paths decides',
  HPE_CLOSED_CONNECTION: 'bytes behind a message that closes are not read',
  TAB: 'a tab behind a length is white space (RFC 9110, 5.6.3)',
  BEHIND_HPE_INVALID_TRANSFER_ENCODING: 'trailers are read and dropped',
  BEHIND_HPE_INVALID_CONTENT_LENGTH: 'trailers are read and dropped',
  BEHIND_HPE_UNEXPECTED_CONTENT_LENGTH: 'trailers are read and dropped',
};
const BEHIND = { HPE_INVALID_TRANSFER_ENCODING: 1,
  HPE_INVALID_CONTENT_LENGTH: 1, HPE_UNEXPECTED_CONTENT_LENGTH: 1 };

let state = seed0 >>> 0 || 1;
function rnd(n) {
  state ^= state << 13; state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5; state >>>= 0;
  return state % n;
}

const seeds = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /healthz?a=b HTTP/1.1\r\nHost: a:80\r\nX-Y: \tz \r\n\r\n',
  'POST /v1/chat HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'POST /v1/chat HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
    'a\r\n0123456789\r\n0\r\nX-T: v\r\n\r\n',
  'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  'PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n' +
    'Content-Length: 0\r\nConnection: close\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n',
  'DELETE /a HTTP/1.1\r\nHost: a\r\nAccept: */*\r\nA: 1\r\nA: 2\r\n\r\n',
].map((s) => Buffer.from(s, 'latin1'));
const words = ['\r\n', '\n', '\r', ' ', '\t', '\0', '\x0b', '\x7f', '\xff',
  ':', ',', ';', '"', '0', '00', '5', '-', '+', '0x', '1e', 'f', '\r\n\r\n',
  '\r\n ', ' :', 'chunked', 'Chunked', 'identity', ', chunked', 'gzip, ',
  'Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: x\r\n',
  'Content-Length: 5\r\n', 'Content-Length: 0\r\n', 'content-length: 6\r\n',
  'Host: b\r\n', 'Connection: close\r\n', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0',
  'GET ', 'POST ', '0\r\n\r\n', ';a=b', '18446744073709551616', 'é',
].map((s) => Buffer.from(s, 'latin1'));

function mutate() {
  let b = seeds[rnd(seeds.length)];
  if (rnd(3) === 0) b = Buffer.concat([b, seeds[rnd(seeds.length)]]);
  for (let k = rnd(4); k >= 0; k--) {
    const at = rnd(b.length + 1), w = words[rnd(words.length)];
    switch (rnd(6)) {
      case 0: b = Buffer.from(b); if (at < b.length) b[at] = rnd(256); break;
      case 1: b = Buffer.concat([b.subarray(0, at), b.subarray(at + 1 +
        rnd(4))]); break;
      case 2: b = Buffer.concat([b.subarray(0, at), w,
        b.subarray(at + rnd(2) * w.length)]); break;
      case 3: b = Buffer.concat([b.subarray(0, at), b]); break;
      case 4: b = b.subarray(0, b.length - rnd(8)); break;
      default: b = Buffer.concat([b.subarray(0, at), w, b.subarray(at)]);
    }
  }
  return b;
}

function fnv(h, b) {
  for (let i = 0; i < b.length; i++) h = Math.imul(h ^ b[i], 16777619);
  return h >>> 0;
}

const NL = Buffer.from('\n'), COLON = Buffer.from(':');

// Whole messages and the end, as http1_say says it.
function theirs(bytes) {
  const out = [];
  let cur = null, fields = [], url = '', stop = false;
  let inside = false;
  const p = new HTTPParser();
  p.initialize(HTTPParser.REQUEST, {}, 65536, 0);
  p[HTTPParser.kOnHeaders] = (h, u) => { fields.push(...h); url += u; };
  p[HTTPParser.kOnHeadersComplete] = (maj, min, h, method, u, st, msg,
    upgrade, keep) => {
    if (h) fields.push(...h);
    if (u) url += u;
    let v = 2166136261;
    for (let i = 0; i < fields.length; i += 2) {
      v = fnv(v, Buffer.from(fields[i].toLowerCase(), 'latin1'));
      v = fnv(v, COLON);
      v = fnv(v, Buffer.from(fields[i + 1], 'latin1'));
      v = fnv(v, NL);
    }
    cur = { head: `${methods[method]} ${url} ` +
      `${fields.length / 2} ${v >>> 0}`, len: 0, hash: 2166136261,
    upgrade, keep };
    inside = true;
    fields = []; url = '';
    return 0;
  };
  p[HTTPParser.kOnBody] = (b) => {
    cur.len += b.length; cur.hash = fnv(cur.hash, b);
  };
  p[HTTPParser.kOnMessageComplete] = () => {
    fields = []; url = '';      // of the trailers
    const done = cur;
    inside = false;
    if (stop) return;
    out.push(`${done.head} ${done.len} ${done.hash >>> 0}`);
    if (!done.keep || done.upgrade) stop = true;
  };
  const r = p.execute(bytes);
  p.close?.();
  const code = r instanceof Error ? r.code : null;
  if (code && inside && code in BEHIND)
    return { out, stop, code: 'BEHIND_' + code };
  if (code === 'HPE_INVALID_CONTENT_LENGTH' &&
    /content-length:[ \t]*\d+[ \t]*\t[ \t]*\r\n/i.test(bytes))
    return { out, stop, code: 'TAB' };
  return { out, stop, code };
}

const count = { requests: 0, agree: 0, stricter: 0, later: 0, looser: {} };
const bad = [];

function compare(bytes, line) {
  const ours = line.split('\x01'), end = ours.pop();
  const t = theirs(bytes);
  count.requests++;
  const n = Math.min(ours.length, t.out.length);
  for (let i = 0; i < n; i++) {
    if (ours[i] !== t.out[i]) {
      bad.push({ why: 'read otherwise', bytes: bytes.toString('latin1'),
        ours: ours[i], theirs: t.out[i] });
      return;
    }
  }
  if (ours.length > t.out.length) {
    // ours took a message that llhttp did not
    if (t.stop) count.agree++;      // an upgrade, which ours ignores
    else if (t.code && LOOSER[t.code]) {
      count.looser[t.code] = (count.looser[t.code] || 0) + 1;
    } else {
      bad.push({ why: 'accepted', bytes: bytes.toString('latin1'),
        ours: ours[n], theirs: t.code });
    }
  } else if (ours.length < t.out.length) {
    if (end === 'refused' || end === 'closed') count.stricter++;
    else {
      bad.push({ why: 'waits', bytes: bytes.toString('latin1'),
        theirs: t.out[n] });
    }
  } else if (end === 'refused' && !t.code) count.stricter++;
  else if (end === 'more' && t.code && !t.stop) count.later++;
  else count.agree++;
}

const until = Date.now() + seconds * 1000;
while (Date.now() < until && bad.length < 20) {
  const batch = [], frames = [];
  for (let i = 0; i < 20000; i++) {
    const b = mutate();
    batch.push(b);
    frames.push(Buffer.from([b.length & 255, b.length >> 8 & 255,
      b.length >> 16, 0]), b);
  }
  const r = spawnSync(say, [], { input: Buffer.concat(frames),
    maxBuffer: 1 << 28, encoding: 'latin1' });
  if (r.status !== 0) {
    bad.push({ why: 'http1_say ended', status: r.status, signal: r.signal });
    break;
  }
  const lines = r.stdout.split('\n');
  for (let i = 0; i < batch.length; i++) compare(batch[i], lines[i]);
}
console.log(JSON.stringify({ ...count, bad, node: process.version,
  llhttp: process.versions.llhttp }));
