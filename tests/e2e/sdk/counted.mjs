// counted.mjs - a count of tokens, as an SDK got it: real where the provider can
// count, an estimate with its mark where it cannot.
import assert from 'node:assert/strict';

// The SDKs of OpenAI and Anthropic show the answer's headers, Google's in the
// answer itself. used: what an answer to the same words is told to have used.
export const counted = async (asked, member, counts, used) => {
  const { data, headers } = asked.withResponse
    ? await asked.withResponse().then((r) => ({ data: r.data, headers: r.response.headers }))
    : await asked.then((r) => ({ data: r, headers: new Headers(r.sdkHttpResponse.headers) }));
  assert.equal(headers.get('x-aigw-estimated'), counts ? null : 'true', 'estimated');
  if (counts) assert.equal(data[member], await used());
  else assert(data[member] > 0, JSON.stringify(data));
};
