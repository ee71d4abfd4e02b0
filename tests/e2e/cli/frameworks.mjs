// frameworks.mjs - LangChain and the Vercel AI SDK through the gateway, whose
// providers speak other formats; one streamed tool loop each; prints TAP.
import assert from 'node:assert/strict';

const { GW, KEY } = process.env;
const RAIN = 'rain over the fjord';
const ask = 'weather in Oslo? [[marker:cumulus]]';
const points = [];

async function load(...names) {
  try {
    return await Promise.all(names.map((n) => import(n)));
  } catch (e) {
    if (e.code !== 'ERR_MODULE_NOT_FOUND') throw e;
    return null;
  }
}

// A model of LangChain: streamed chunks are joined, calls answered, once more.
async function chain(model, { tool, core, z }) {
  const weather = tool(async () => RAIN, { name: 'get_weather', description: 'w',
    schema: z.object({ city: z.string() }) });
  const bound = model.bindTools([weather]);
  const turn = async (messages) => {
    let all, n = 0;
    for await (const c of await bound.stream(messages)) {
      all = all === undefined ? c : all.concat(c);
      n++;
    }
    assert(n > 1);
    return all;
  };
  const messages = [new core.HumanMessage(ask)];
  const first = await turn(messages);
  assert.equal(first.tool_calls.length, 1);
  assert.equal(first.tool_calls[0].name, 'get_weather');
  messages.push(first, await weather.invoke(first.tool_calls[0]));
  const last = await turn(messages);
  assert.match(last.text, /cumulus/);
  assert(last.usage_metadata.output_tokens > 0);
}

// A model of the AI SDK: it runs the loop itself.
async function loop(model, { ai, z }) {
  let called = 0;
  const r = ai.streamText({ model, prompt: ask, stopWhen: ai.stepCountIs(3), maxRetries: 0,
    tools: { get_weather: ai.tool({ description: 'w', inputSchema: z.object({ city: z.string() }),
      execute: async ({ city }) => { assert.equal(typeof city, 'string'); called++; return RAIN; } }) },
    onError: ({ error }) => { throw error; } });
  let text = '';
  for await (const part of r.textStream) text += part;
  assert.equal(called, 1);
  assert.equal((await r.steps).length, 2);
  assert.match(text, /cumulus/);
  assert((await r.totalUsage).outputTokens > 0);
}

const zod = await load('zod');
const core = await load('@langchain/core/messages', '@langchain/core/tools');
for (const [pkg, make] of [
  ['@langchain/openai', (p, m) => new p.ChatOpenAI({ model: m, apiKey: KEY, maxRetries: 0,
    configuration: { baseURL: `${GW}/v1` } })],
  ['@langchain/anthropic', (p, m) => new p.ChatAnthropic({ model: m, apiKey: KEY, maxRetries: 0,
    anthropicApiUrl: GW, maxTokens: 500 })],
]) {
  const p = core && zod && await load(pkg);
  const to = pkg.endsWith('openai') ? 'anthropic' : 'openai';
  points.push([`LangChain's ${pkg} and a provider of ${to}`, p && (() => chain(make(p[0], `m-${to}`),
    { tool: core[1].tool, core: core[0], z: zod[0].z }))]);
}
for (const to of ['azure', 'anthropic']) {
  const p = core && zod && await load('@langchain/openai');
  points.push([`LangChain's client of Azure and a provider of ${to}`, p && (() => chain(
    new p[0].AzureChatOpenAI({ azureOpenAIApiKey: KEY, azureOpenAIBasePath: `${GW}/openai/deployments`,
      azureOpenAIApiDeploymentName: `m-${to}`, azureOpenAIApiVersion: '2025-01-01', maxRetries: 0 }),
    { tool: core[1].tool, core: core[0], z: zod[0].z }))]);
}
const ai = await load('ai');
for (const [pkg, to, make] of [
  ['@ai-sdk/openai', 'anthropic', (p, m) => p.createOpenAI({ apiKey: KEY, baseURL: `${GW}/v1` })(m)],
  ['@ai-sdk/openai', 'gemini', (p, m) => p.createOpenAI({ apiKey: KEY, baseURL: `${GW}/v1` }).chat(m)],
  ['@ai-sdk/anthropic', 'gemini', (p, m) => p.createAnthropic({ apiKey: KEY, baseURL: `${GW}/v1` })(m)],
  ['@ai-sdk/google', 'openai', (p, m) => p.createGoogleGenerativeAI({ apiKey: KEY, baseURL: `${GW}/v1beta` })(m)],
]) {
  const p = ai && zod && await load(pkg);
  points.push([`AI SDK's ${pkg} and a provider of ${to}`, p && (() => loop(make(p[0], `m-${to}`),
    { ai: ai[0], z: zod[0].z }))]);
}

let bad = 0, n = 0;
for (const [name, fn] of points) {
  n++;
  if (!fn) {
    console.log(`ok ${n} - ${name} # SKIP a package is not there`);
    continue;
  }
  try {
    await fn();
    console.log(`ok ${n} - ${name}`);
  } catch (e) {
    bad = 1;
    console.log(`# ${String(e.stack ?? e).replace(/\n/g, '\n# ')}`);
    console.log(`not ok ${n} - ${name}`);
  }
}
console.log(`1..${n}`);
process.exit(bad);
