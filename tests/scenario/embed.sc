# Embeddings: clients of each format, providers of each.
config em
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "oai"; dialect = "openai"; base_url = "http://oai.test"; keys = ( "key-oai" ); models = ( "te3", "both" ); },
{ id = "az"; dialect = "azure"; base_url = "http://az.test"; keys = ( "key-az" ); models = ( "dep" ); },
{ id = "mis"; dialect = "mistral"; base_url = "http://mis.test"; keys = ( "key-mis" ); models = ( "memb" ); },
{ id = "gem"; dialect = "gemini"; base_url = "http://gem.test"; keys = ( "key-gem" ); models = ( "gemb" ); },
{ id = "loc"; dialect = "ollama"; base_url = "http://loc.test"; models = ( "nomic" ); },
{ id = "ant"; dialect = "anthropic"; base_url = "http://ant.test"; keys = ( "key-ant" ); models = ( "claude", "both" ); } );
groups = ( { name = "any"; strategy = "priority"; targets = (
{ provider = "ant"; model = "claude"; priority = 1; },
{ provider = "gem"; model = "gemb"; priority = 2; },
{ provider = "oai"; model = "te3"; priority = 3; } ); },
{ name = "tight"; strict = true; targets = ( { provider = "gem"; model = "gemb"; } ); } );
end

scenario em: OpenAI's client, Google's server: a batch, numbers as they came, usage
post 1 /v1/embeddings {"model":"gemb","input":["a \u00e9\n","b"],"dimensions":2,"user":"u"}
upstream 1 gem
uptarget 1 /v1beta/models/gemb:batchEmbedContents
upheader 1 "x-goog-api-key: key-gem"
upbody 1 {"requests":[{"model":"models/gemb","content":{"parts":[{"text":"a \u00e9\n"}]},"outputDimensionality":2},{"model":"models/gemb","content":{"parts":[{"text":"b"}]},"outputDimensionality":2}]}
whole 1 200 {"embeddings":[{"values":[0.10, -2e-3]},{"values":[1,0]}],"usageMetadata":{"promptTokenCount":5}}
expect 1 "HTTP/1.1 200 OK"
expect 1 "x-aigw-dropped: user\r\n"
expect 1 "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.10, -2e-3]},{\"object\":\"embedding\",\"index\":1,\"embedding\":[1,0]}],\"model\":\"gemb\",\"usage\":{\"prompt_tokens\":5,\"total_tokens\":5}}"
record status=200 provider=gem input=5 output=0

scenario em: base64 is made here, and usage that nobody told is estimated and said to be
post 1 /v1/embeddings {"model":"gemb","input":"abcd","encoding_format":"base64"}
upbody 1 {"requests":[{"model":"models/gemb","content":{"parts":[{"text":"abcd"}]}}]}
whole 1 200 {"embeddings":[{"values":[1,-0.5,0.123456789123456789]}]}
expect 1 "x-aigw-estimated: true"
expect 1 "\"embedding\":\"AACAPwAAAL/q1vw9\"}"
expect 1 "\"usage\":{\"prompt_tokens\":15,\"total_tokens\":15}"
record status=200 provider=gem input=15 output=0 flags=estimated,unpriced

scenario em: OpenAI's client, Mistral's server: other words; base64 is its own
post 1 /v1/embeddings {"model":"memb","input":["x"],"dimensions":64,"encoding_format":"base64"}
upstream 1 mis
uptarget 1 /v1/embeddings
upbody 1 {"model":"memb","input":["x"],"output_dimension":64,"encoding_format":"base64"}
whole 1 200 {"id":"e","data":[{"embedding":"AACAPw==","index":0}],"usage":{"prompt_tokens":3,"total_tokens":3}}
expect 1 "\"embedding\":\"AACAPw==\""
record status=200 provider=mis input=3 output=0

scenario em: base64 from who was not asked for it becomes numbers
post 1 /ollama/api/embed {"model":"memb","input":"x","truncate":false}
upbody 1 {"model":"memb","input":["x"]}
whole 1 200 {"data":[{"embedding":"AACAP83MzD0=","index":0}],"usage":{"prompt_tokens":3}}
expect 1 "x-aigw-dropped: truncate\r\n"
expect 1 "\"embeddings\":[[1,0.1]]"
expect 1 "\"prompt_eval_count\":3}"

scenario em: OpenAI's client, Ollama's server: it has OpenAI's interface, not a byte is changed
post 1 /v1/embeddings {"model":"nomic", "input":[[1,2]], "odd":1}
upstream 1 loc
uptarget 1 /v1/embeddings
upbody 1 {"model":"nomic", "input":[[1,2]], "odd":1}
whole 1 200 {"data":[],"odd":2,"usage":{"prompt_tokens":4}}
expect 1 "{\"data\":[],\"odd\":2,\"usage\":{\"prompt_tokens\":4}}"
record status=200 provider=loc input=4 output=0

scenario em: Mistral's client, OpenAI's and Ollama's servers
post 1 /mistral/v1/embeddings {"model":"te3","input":"x","output_dimension":8,"output_dtype":"float","metadata":{"a":1}}
upstream 1 oai
uptarget 1 /v1/embeddings
upbody 1 {"model":"te3","input":["x"],"dimensions":8}
whole 1 200 {"data":[{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":2,"total_tokens":2}}
expect 1 "x-aigw-dropped: metadata\r\n"
expect 1 "\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":0,\"total_tokens\":2}}"
record status=200 provider=oai input=2 output=0
post 2 /mistral/v1/embeddings {"model":"nomic","input":["x","y"],"output_dimension":8}
upstream 2 loc
uptarget 2 /api/embed
upbody 2 {"model":"nomic","input":["x","y"],"dimensions":8}
whole 2 200 {"model":"nomic","embeddings":[[1],[2]],"prompt_eval_count":4}
expect 2 "\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[1]},{\"object\":\"embedding\",\"index\":1,\"embedding\":[2]}]"
record status=200 provider=loc input=4 output=0

scenario em: Mistral's client, its own server: not a byte is changed
post 1 /mistral/v1/embeddings {"model":"memb", "input":"x","output_dtype":"int8"}
upbody 1 {"model":"memb", "input":"x","output_dtype":"int8"}
whole 1 200 {"data":[ ],"usage":{"prompt_tokens":2}}
expect 1 "{\"data\":[ ],\"usage\":{\"prompt_tokens\":2}}"

scenario em: numbers of another kind are refused for who has none
post 1 /mistral/v1/embeddings {"model":"te3","input":"x","output_dtype":"int8"}
expect 1 "HTTP/1.1 400 "
expect 1 "output_dtype"
attempts 0

scenario em: Google's client, one text, OpenAI's server
post 1 /v1beta/models/te3:embedContent {"model":"models/te3","content":{"parts":[{"text":"x"}]},"taskType":"CLUSTERING","title":"t","output_dimensionality":4}
upstream 1 oai
upbody 1 {"model":"te3","input":["x"],"dimensions":4}
whole 1 200 {"data":[{"index":0,"embedding":[1,2]}],"usage":{"prompt_tokens":2,"total_tokens":2}}
expect 1 "x-aigw-dropped: taskType,title\r\n"
expect 1 "{\"embedding\":{\"values\":[1,2]},\"usageMetadata\":{\"promptTokenCount\":2}}"

scenario em: Google's client, a batch, Azure's server: vectors by their number, not their place
post 1 /v1beta/models/dep:batchEmbedContents {"requests":[{"content":{"parts":[{"text":"x"},{"text":"y"}]}},{"content":{"parts":{"text":"z"}}}]}
upstream 1 az
uptarget 1 /openai/deployments/dep/embeddings?api-version=2024-10-21
upbody 1 {"model":"dep","input":["xy","z"]}
whole 1 200 {"data":[{"index":1,"embedding":[2]},{"index":0,"embedding":[1]}],"usage":{"prompt_tokens":2,"total_tokens":2}}
expect 1 "x-aigw-dropped: content.parts\r\n"
expect 1 "{\"embeddings\":[{\"values\":[1]},{\"values\":[2]}],\"usageMetadata\":{\"promptTokenCount\":2}}"

scenario em: options that are not alike in a batch are refused, with their place
post 1 /v1beta/models/te3:batchEmbedContents {"requests":[{"content":{"parts":[{"text":"x"}]}},{"content":{"parts":[{"text":"z"}]},"outputDimensionality":3}]}
expect 1 "HTTP/1.1 400 "
expect 1 "requests[1].outputDimensionality must be the same in all requests"
expect 1 "INVALID_ARGUMENT"
post 2 /v1beta/models/te3:embedContent {"content":{"parts":[{"inlineData":{}}]}}
expect 2 "content.parts must have text"
attempts 0

scenario em: Google's client, its own server: not a byte is changed, but a model's other name
post 1 /v1beta/models/gemb:embedContent {"model":"models/gemb", "content":{"parts":[{"inlineData":{}}]}}
uptarget 1 /v1beta/models/gemb:embedContent
upbody 1 {"model":"models/gemb", "content":{"parts":[{"inlineData":{}}]}}
whole 1 200 {"embedding":{"values":[1],"shape":[1]}}
expect 1 "{\"embedding\":{\"values\":[1],\"shape\":[1]}}"
post 2 /v1beta/models/any:batchEmbedContents {"requests":[{"model":"models/any", "title":"t", "content": {"parts":[{"inlineData":{}}]}}]}
upstream 2 gem
uptarget 2 /v1beta/models/gemb:batchEmbedContents
upbody 2 {"requests":[{"model":"models/gemb","title":"t","content":{"parts":[{"inlineData":{}}]}}]}
whole 2 200 {"embeddings":[{"values":[1],"shape":[1]}], "x":1}
expect 2 "{\"embeddings\":[{\"values\":[1],\"shape\":[1]}], \"x\":1}"
post 3 /v1beta/models/any:embedContent {"content":{"parts":[{"text":"x"}]}}
uptarget 3 /v1beta/models/gemb:embedContent
upbody 3 {"model":"models/gemb","content":{"parts":[{"text":"x"}]}}
whole 3 400 {"error":{"code":400,"message":"its own words"}}
expect 3 "{\"error\":{\"code\":400,\"message\":\"its own words\"}}"

scenario em: Ollama's client, both operations, OpenAI's server
post 1 /ollama/api/embed {"model":"te3","input":["x","y"],"dimensions":2,"keep_alive":"5m","options":{}}
uptarget 1 /v1/embeddings
upbody 1 {"model":"te3","input":["x","y"],"dimensions":2}
whole 1 200 {"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[3,4]}],"usage":{"prompt_tokens":2,"total_tokens":2}}
expect 1 "x-aigw-dropped: keep_alive,options\r\n"
expect 1 "{\"model\":\"te3\",\"embeddings\":[[1,2],[3,4]],\"total_duration\":"
expect 1 ",\"load_duration\":0,\"prompt_eval_count\":2}"
post 2 /ollama/api/embeddings {"model":"te3","prompt":"x"}
upbody 2 {"model":"te3","input":["x"]}
whole 2 200 {"data":[{"index":0,"embedding":[1,2]}],"usage":{"prompt_tokens":2,"total_tokens":2}}
expect 2 "{\"embedding\":[1,2]}"

scenario em: Ollama's client, its own server: bytes, never a stream
post 1 /ollama/api/embed {"model":"nomic", "input":"x"}
uptarget 1 /api/embed
upbody 1 {"model":"nomic", "input":"x"}
whole 1 200 {"embeddings":[[1]],"prompt_eval_count":7}
expect 1 "{\"embeddings\":[[1]],\"prompt_eval_count\":7}"
record status=200 provider=loc input=7 output=0 flags=unpriced

scenario em: numbers of tokens are refused by name for who takes only texts
post 1 /v1/embeddings {"model":"gemb","input":[1,2,3]}
expect 1 "HTTP/1.1 400 "
expect 1 "input must be a string or a list of strings: this model does not take numbers of tokens"
expect 1 "\"param\":\"input\""
post 2 /v1/embeddings {"model":"memb","input":[[1],[2]]}
expect 2 "HTTP/1.1 400 "
attempts 0

scenario em: what is wrong is named
post 1 /v1/embeddings {"model":"gemb"}
expect 1 "input must be there"
post 2 /v1/embeddings {"model":"gemb","input":[]}
expect 2 "input must have at least one text"
post 3 /v1/embeddings {"model":"gemb","input":["a",{}]}
expect 3 "input[1] must be a string"
post 4 /v1/embeddings {"model":"gemb","input":"a","dimensions":-1}
expect 4 "dimensions must be a whole number"
post 5 /v1/embeddings {"model":"gemb","input":"a","encoding_format":"hex"}
expect 5 "encoding_format must be"
post 6 /ollama/api/embed {"model":"gemb","input":"a","truncate":"no"}
expect 6 "{\"error\":\"truncate must be true or false\"}"
post 7 /v1/embeddings {"model":"gemb","input":"a\ud800"}
expect 7 "half a surrogate pair"
attempts 0

scenario em: a strict group loses nothing
post 1 /v1/embeddings {"model":"tight","input":"a","user":"u"}
expect 1 "HTTP/1.1 400 "
expect 1 "user cannot be carried to this model unchanged"
attempts 0

scenario em: a format without embeddings is no candidate; alone it is a 400
post 1 /v1/embeddings {"model":"any","input":"a"}
upstream 1 gem
post 2 /v1/embeddings {"model":"both","input":"a"}
upstream 2 oai
post 3 /v1/embeddings {"model":"claude","input":"a"}
expect 3 "HTTP/1.1 400 "
expect 3 "no provider of the model \\\"claude\\\" can serve /v1/embeddings"

scenario em: an answer that lacks a vector, or has another thing, is not passed on
post 1 /v1/embeddings {"model":"any","input":["a","b"]}
upstream 1 gem
whole 1 200 {"embeddings":[{"values":[1]}]}
upstream 2 oai
upbody 2 {"model":"te3","input":["a","b"]}
whole 2 200 {"data":[]}
expect 1 "{\"data\":[]}"
post 2 /v1/embeddings {"model":"gemb","input":"a"}
whole 3 200 {"embeddings":[{"values":[null]}]}
expect 2 "HTTP/1.1 502 "

scenario em: what the provider refuses is told in the client's format
post 1 /v1/embeddings {"model":"gemb","input":"a"}
whole 1 400 {"error":{"code":400,"message":"at most 100 requests","status":"INVALID_ARGUMENT"}}
expect 1 "HTTP/1.1 400 "
expect 1 "{\"error\":{\"message\":\"at most 100 requests\",\"type\":\"invalid_request_error\""
post 2 /ollama/api/embed {"model":"te3","input":"a"}
whole 2 400 {"error":{"message":"too long","type":"invalid_request_error"}}
expect 2 "{\"error\":\"too long\"}"

scenario em: what Ollama's clients ask about models
post 1 /ollama/api/show {"model":"gemb"}
expect 1 "\"general.architecture\":\"gemini\""
expect 1 "\"capabilities\":[\"completion\",\"tools\",\"vision\""
post 2 /ollama/api/show {"model":"none"}
expect 2 "HTTP/1.1 404 "
expect 2 "{\"error\":\"the model \\\"none\\\""
attempts 0

scenario em: an answer may be larger than a request, as large as the budget allows
conf client = { max_body = "64k"; hold_max = "4k"; buffer_budget = "1m"; };
post 1 /v1/embeddings {"model":"gemb","input":"a"}
answer 1 200 json -
bytes 1 "{\"embeddings\":[{\"values\":[1"
pieces 1 4096 ",0.25" * 30000
bytes 1 "]}]}"
end 1 ok
expect 1 "HTTP/1.1 200 OK"
expect 1 ",0.25]}],\"model\":\"gemb\""
record status=200 provider=gem

scenario em: and one that is larger says what it is larger than
conf client = { max_body = "64k"; hold_max = "4k"; buffer_budget = "1m"; };
post 1 /v1/embeddings {"model":"gemb","input":"a"}
answer 1 200 json -
bytes 1 "{\"embeddings\":[{\"values\":[1"
bytes 1 ",0.25" * 60000
expect 1 "HTTP/1.1 502 "
expect 1 "the answer is larger than a quarter of client.buffer_budget"

scenario em: what is not translated has no bound
conf client = { max_body = "64k"; hold_max = "4k"; buffer_budget = "1m"; };
post 1 /v1/embeddings {"model":"te3","input":"a"}
answer 1 200 json -
bytes 1 "{\"object\":\"list\",\"data\":[{\"embedding\":[1"
pieces 1 4096 ",0.25" * 60000
bytes 1 "]}],\"usage\":{\"prompt_tokens\":5,\"total_tokens\":5}}"
end 1 ok
expect 1 "\"total_tokens\":5}}\r\n0\r\n\r\n"
record status=200 provider=oai input=5 output=0
