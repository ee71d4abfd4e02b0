// validate.mjs - checks requests against an OpenAPI description with ajv.
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import YAML from 'yaml';
import fs from 'node:fs';
import path from 'node:path';

const DROP = new Set(['discriminator', 'example', 'examples', 'xml', 'externalDocs', 'deprecated']);

// OpenAPI words that JSON schema does not know, and 3.0's nullable. oneOf is
// anyOf: without its discriminator several branches fit the same value. closed:
// objects have no other members than the description names.
const clean = (o, closed) => {
  if (Array.isArray(o)) return o.map((v) => clean(v, closed));
  if (o === null || typeof o !== 'object') return o;
  const out = {};
  for (const [k, v] of Object.entries(o)) if (!DROP.has(k) || typeof v === 'object' && v?.type) out[k === 'oneOf' && !o.anyOf ? 'anyOf' : k] = clean(v, closed);
  if (closed && out.type === 'object' && out.properties && out.additionalProperties === undefined) out.additionalProperties = false;
  const nullable = out.nullable === true;
  delete out.nullable;
  if (nullable) { return { anyOf: [out, { type: 'null' }] }; }
  return out;
};

// Where each format's description is, and how a target becomes a path of it.
const SOURCES = {
  openai: { file: 'openai.openapi.yaml', path: (p) => p.replace(/^\/v1/, '') },
  // It is older than system messages between the turns.
  anthropic: { file: 'anthropic.openapi.json', path: (p) => p, body: (b) => ({ ...b,
    ...(Array.isArray(b.messages) && { messages: b.messages.map((m, i) => i > 0 && m.role === 'system' ? { ...m, role: 'user' } : m) }) }) },
  gemini: { file: 'gemini-v1beta.openapi.json', closed: true,
    path: (p) => p.replace(/^\/v1beta\/models\/[^:]*:/, '/models/{modelsId}:') },
  mistral: { file: 'mistral.openapi.yaml', path: (p) => p.replace(/^\/mistral/, '') },
  azure: { file: 'openai.openapi.yaml', path: (p) => p.replace(/^\/openai\/deployments\/[^/]*/, ''),
    body: (b) => ({ model: 'in the path', ...b }) },
  groq: { file: 'groq.openapi.yaml', path: (p) => p.replace(/^\/groq/, '') },
};

// Ollama publishes no description: what its manual says of a chat, closed.
const T = (...type) => ({ type }), text = T('string'), flag = T('boolean'), number = T('number');
const O = (properties, ...required) => ({ type: 'object', properties, required, additionalProperties: false });
const L = (items) => ({ type: 'array', items });
const ollama = O({
  model: text, stream: flag, keep_alive: T('string', 'number'),
  think: { anyOf: [flag, { enum: ['low', 'medium', 'high'] }] },
  format: { anyOf: [T('object'), { const: 'json' }] },
  options: O({ num_predict: number, temperature: number, top_p: number, top_k: number, min_p: number, seed: number,
    stop: L(text), presence_penalty: number, frequency_penalty: number, repeat_penalty: number, num_ctx: number }),
  logprobs: flag, top_logprobs: number,
  tools: L(O({ type: { const: 'function' }, function: O({ name: text, description: text, parameters: T('object') }, 'name') }, 'type', 'function')),
  messages: L(O({ role: { enum: ['system', 'user', 'assistant', 'tool'] }, content: text, thinking: text,
    images: L({ type: 'string', pattern: '^[A-Za-z0-9+/]+=*$' }), tool_name: text, tool_call_id: text,
    tool_calls: L(O({ id: text, type: { const: 'function' },
      function: O({ name: text, arguments: T('object'), index: number }, 'name', 'arguments') }, 'function')) }, 'role')),
}, 'model', 'messages');
const ofOllama = () => {
  const f = new Ajv({ strict: false, logger: false }).compile(ollama);
  return (r) => r.head.startsWith('POST /api/chat') ? f(JSON.parse(typeof r.body === 'string' ? r.body : JSON.stringify(r.body))) ? null : JSON.stringify(f.errors) : undefined;
};

const load = (dir, s) => {
  const text = fs.readFileSync(path.join(dir, s.file), 'utf8');
  const doc = s.file.endsWith('.json') ? JSON.parse(text) : YAML.parse(text, { maxAliasCount: -1 });
  const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: false, logger: false });
  addFormats(ajv);
  ajv.addSchema({ $id: 'doc', components: clean(doc.components, s.closed) });
  const compiled = new Map();
  const rewrite = (o) => Array.isArray(o) ? o.map(rewrite) : o && typeof o === 'object'
    ? Object.fromEntries(Object.entries(o).map(([k, v]) => [k, k === '$ref' && typeof v === 'string' && v.startsWith('#/') ? `doc${v}` : rewrite(v)])) : o;
  return (r) => {
    const [method, target] = r.head.split(' ');
    const p = s.path(target.split('?')[0]);
    const op = doc.paths[p]?.[method.toLowerCase()];
    const schema = op?.requestBody?.content?.['application/json']?.schema;
    let body = r.body;
    if (!schema || !body || r.truncated) return undefined;
    if (typeof body === 'string') { try { body = JSON.parse(body); } catch { return undefined; } }
    if (!compiled.has(p)) compiled.set(p, ajv.compile(rewrite(clean(schema, s.closed))));
    const f = compiled.get(p);
    delete body.x_new_field;
    if (s.body) body = s.body(body);
    return f(body) ? null : ajv.errorsText(f.errors);
  };
};

// f(dialect) -> null: no description; else f(request) -> undefined: not known;
// null: valid; text: why not.
export const validators = (dir) => {
  const made = new Map();
  return (dialect) => {
    if (dialect === 'ollama') return ofOllama();
    const s = SOURCES[dialect];
    if (!s || !dir || !fs.existsSync(path.join(dir, s.file))) return null;
    if (!made.has(dialect)) made.set(dialect, load(dir, s));
    return made.get(dialect);
  };
};

export const validator = (dir) => validators(dir)('openai');
