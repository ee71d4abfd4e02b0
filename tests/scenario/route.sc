# What "model" means, and in which order those who have it are asked.
config r
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
default_strategy = "priority";
providers = (
{ id = "openai"; dialect = "openai"; base_url = "http://openai.test";
keys = ( "key-o1" ); models = ( "m", "both", "org/deep" ); priority = 2;
price = { input = 1.0; output = 2.0; cached_input = 0.5; unit = "per_million_tokens"; }; },
{ id = "second"; dialect = "openai"; base_url = "http://second.test";
keys = ( "key-s1" ); models = ( "both", "emb" ); priority = 1; },
{ id = "emb"; dialect = "openai"; base_url = "http://emb.test";
keys = ( "key-e1" ); apis = ( "embeddings" ); models = ( "both" ); priority = 3; },
{ id = "gone"; dialect = "openai"; base_url = "http://gone.test";
keys = ( "key-g1" ); models = ( "m", "only-gone" ); enabled = false; },
{ id = "fetched"; dialect = "openai"; base_url = "http://fetched.test"; keys = ( "key-f1" ); },
{ id = "strict"; dialect = "openai"; base_url = "http://strict.test"; keys = ( "key-t1" );
models = ( "s" ); retryable_status = "418,500-501"; } );
groups = (
{ name = "pool"; targets = ( { provider = "gone"; model = "m"; priority = 1; },
{ provider = "openai"; model = "m"; priority = 5; }, { provider = "second"; model = "both"; priority = 4; } ); },
{ name = "same"; targets = ( { provider = "openai"; }, { provider = "second"; priority = 2; } ); },
{ name = "words"; targets = ( { provider = "openai"; model = "m"; }, { provider = "second"; model = "m"; priority = 2; } ); },
{ name = "wordless"; failure_keywords = false; targets = ( { provider = "openai"; model = "m"; }, { provider = "second"; model = "m"; priority = 2; } ); },
{ name = "strictly"; targets = ( { provider = "strict"; model = "s"; }, { provider = "second"; model = "m"; priority = 2; } ); },
{ name = "dear"; targets = ( { provider = "openai"; model = "m"; price = { input = 10.0; output = 0.0; unit = "per_million_tokens"; }; } ); },
{ name = "calls"; targets = ( { provider = "openai"; model = "m"; price = { input = 0.002; unit = "per_call"; }; } ); },
{ name = "shut"; enabled = false; targets = ( { provider = "openai"; model = "m"; } ); } );
aliases = ( { match = "old-*"; use = "pool"; }, { match = "gpt-*"; use = "second/new"; }, { match = "both-two"; use = "both"; } );
failure_keywords = ( "model is overloaded" );
end

scenario r: an alias stands for a group, for a provider's model, or for a listed one
post 1 /v1/chat/completions {"model":"old-model"}
upstream 1 second
upbody 1 {"model":"both"}
whole 1 200 {}
record group=pool model=old-model upstream_model=both
post 1 /v1/chat/completions {"model":"gpt-9"}
upstream 2 second
upbody 2 {"model":"new"}
whole 2 200 {}
post 1 /v1/chat/completions {"model":"both-two"}
upstream 3 second
upbody 3 {"model":"both"}

scenario r: a provider's prefix picks it, and the rest is the model, slashes and all
post 1 /v1/chat/completions {"model":"second/any/name:7"}
upstream 1 second
upbody 1 {"model":"any/name:7"}
end 1 connect
attempts 1
expect 1 "HTTP/1.1 502 "

scenario r: a model with a slash in its own name is found whole
post 1 /v1/chat/completions {"model":"org/deep"}
upstream 1 openai
upbody 1 {"model":"org/deep"}

scenario r: a prefix that nobody here knows is dropped
post 1 /v1/chat/completions {"model":"vendor/m"}
upstream 1 openai
upbody 1 {"model":"m"}
post 2 /v1/chat/completions {"model":"second/"}
expect 2 "HTTP/1.1 404 "

scenario r: several that list a model are a group, with the order of their priorities
post 1 /v1/chat/completions {"model":"both"}
upstream 1 second
end 1 connect
upstream 2 openai
whole 2 200 {}
expect 1 "x-aigw-attempts: 2\r\n"
record provider=openai group= model=both attempts=2

scenario r: only those are asked who speak the API
post 1 /v1/embeddings {"model":"both","input":"x"}
end 1 connect
end 2 connect
upstream 3 emb
uptarget 3 /v1/embeddings
end 3 connect
attempts 3

scenario r: neither a provider nor a group that is switched off is found
post 1 /v1/chat/completions {"model":"gone/x"}
expect 1 "HTTP/1.1 404 "
post 1 /v1/chat/completions {"model":"only-gone"}
expect 1 "HTTP/1.1 404 "
post 1 /v1/chat/completions {"model":"shut"}
expect 1 "HTTP/1.1 404 "
get 1 /gone/v1/files
expect 1 "HTTP/1.1 404 "
attempts 0

scenario r: a target without a model is asked for the group's name
post 1 /v1/chat/completions {"model":"same"}
upstream 1 openai
upbody 1 {"model":"same"}
end 1 connect
upstream 2 second
upbody 2 {"model":"same"}

scenario r: a name with signs of JSON in it comes out as it went in
post 1 /v1/chat/completions {"model":"second/a\"b\\cé\u0001"}
upbody 1 {"model":"a\"b\\cé\u0001"}

scenario r: a family path below a provider's prefix asks that one, unless it names a group
post 1 /openai/v1/chat/completions {"model":"both"}
upstream 1 openai
uptarget 1 /v1/chat/completions
end 1 connect
attempts 1
expect 1 "HTTP/1.1 502 "
post 1 /openai/v1/chat/completions {"model":"pool"}
upstream 2 second

scenario r: the body goes up byte for byte but for the model's name
post 1 /v1/chat/completions " { \"z\" : [ 1.0e5,\t\"\\u00e9\" ] , \"model\" : \"pool\" , \"a\":{ \"model\":\"inner\" } } "
upbody 1 " { \"z\" : [ 1.0e5,\t\"\\u00e9\" ] , \"model\" : \"both\" , \"a\":{ \"model\":\"inner\" } } "

scenario r: max_attempts is the end, whoever is left
conf failover = { max_attempts = 1; };
post 1 /v1/chat/completions {"model":"pool"}
end 1 connect
attempts 1
expect 1 "HTTP/1.1 502 "
expect 1 "provider second failed"

scenario r: which statuses go elsewhere is the operator's choice
post 1 /v1/chat/completions {"model":"strictly"}
whole 1 418 {"short":"stout"}
upstream 2 second
whole 2 200 {}
post 1 /v1/chat/completions {"model":"strictly"}
whole 3 501 {}
upstream 4 second
whole 4 200 {}
post 2 /v1/chat/completions {"model":"s"}
whole 5 503 {"e":"not in the list"}
expect 2 "HTTP/1.1 503 "
expect 2 "{\"e\":\"not in the list\"}"
post 2 /v1/chat/completions {"model":"s"}
retry 6 429 9
expect 2 "HTTP/1.1 429 "
expect 2 "retry-after: 9\r\n"
keyfaults 1

scenario r: a redirect is no answer, and is not followed
post 1 /v1/chat/completions {"model":"pool"}
answer 1 302 none 0 location: http://elsewhere.test/
end 1 ok
upstream 2 openai
answer 2 308 none 0 location: http://elsewhere.test/
end 2 ok
expect 1 "HTTP/1.1 503 "
never 1 elsewhere

scenario r: a failure keyword in an answer of 200 sends the request on
post 1 /v1/chat/completions {"model":"words"}
whole 1 200 {"choices":[{"message":{"content":"Sorry, the MODEL is Overloaded."}}]}
upstream 2 second
whole 2 200 {"choices":[]}
expect 1 "HTTP/1.1 200 OK"
record provider=second attempts=2
post 1 /v1/chat/completions {"model":"wordless"}
whole 3 200 {"choices":[{"message":{"content":"Sorry, the MODEL is Overloaded."}}]}
expect 1 "MODEL is Overloaded"
attempts 3

scenario r: what must be JSON and is not goes to the next target
post 1 /v1/chat/completions {"model":"pool"}
answer 1 200 json -
bytes 1 "{\"choices\":[],"
end 1 ok
upstream 2 openai
answer 2 200 text/html -
bytes 2 "<html>we are moving</html>"
end 2 ok
expect 1 "HTTP/1.1 503 "
expect 1 "the answer is not valid JSON"
never 1 "<html>"
record status=503 attempts=2 cost=0

scenario r: an empty answer of 200 is none
post 1 /v1/chat/completions {"model":"pool"}
answer 1 200 json 0
end 1 ok
upstream 2 openai

scenario r: speech is no JSON, and passes
post 1 /v1/audio/speech {"model":"m","input":"x","voice":"v"}
uptarget 1 /v1/audio/speech
answer 1 200 audio/mpeg 6
bytes 1 "ID3..."
end 1 ok
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "content-type: audio/mpeg\r\n"
expect 1 "ID3"

scenario r: moderations without a model go to the first who has them
post 1 /v1/moderations {"input":"x"}
upstream 1 openai
uptarget 1 /v1/moderations
upbody 1 {"input":"x"}
whole 1 200 {"results":[]}
expect 1 "HTTP/1.1 200 OK"

scenario r: with prices.unknown = refuse nothing is sent whose price is not known
conf prices = { unknown = "refuse"; file = "/nonexistent/prices.conf"; };
post 1 /v1/chat/completions {"model":"emb"}
expect 1 "HTTP/1.1 403 "
expect 1 "the price of model \\\"emb\\\" is unknown"
attempts 0
records 0
post 1 /v1/chat/completions {"model":"m"}
attempts 1

scenario r: a target without a price is passed over when another has one
conf prices = { unknown = "refuse"; file = "/nonexistent/prices.conf"; };
post 1 /v1/chat/completions {"model":"pool"}
upstream 1 openai
whole 1 200 {"usage":{"prompt_tokens":100,"completion_tokens":10}}
attempts 1
record upstream_model=m input=100 output=10 cost=120000000
post 1 /v1/chat/completions {"model":"pool"}
end 2 connect
expect 1 "HTTP/1.1 502 "
attempts 2

scenario r: nothing is to be paid for what a raw request without a body reads
conf prices = { unknown = "refuse"; file = "/nonexistent/prices.conf"; };
get 1 /second/v1/files
whole 1 200 {"data":[]}
expect 1 "HTTP/1.1 200 "
post 1 /second/v1/blobs "abc"
expect 1 "HTTP/1.1 403 "
expect 1 "this request names no model whose price is known, and prices.unknown is \\\"refuse\\\""
attempts 1

scenario r: cached tokens have their price, and a target's price goes before its provider's
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {"usage":{"prompt_tokens":100,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":40}}}
expect 1 "x-aigw-cost: 0.000100000\r\n"
record input=100 cached=40 output=10 cost=100000000
post 1 /v1/chat/completions {"model":"dear"}
whole 2 200 {"usage":{"prompt_tokens":100,"completion_tokens":10}}
record cost=1000000000
post 1 /v1/chat/completions {"model":"calls"}
whole 3 200 {"usage":{"prompt_tokens":100,"completion_tokens":10}}
record cost=2000000000

scenario r: usage that cannot be true is estimated instead
post 1 /v1/chat/completions {"model":"m"}
whole 1 200 {"usage":{"prompt_tokens":-5,"completion_tokens":10}}
record flags=estimated input=4
post 1 /v1/chat/completions {"model":"m"}
whole 2 200 {"usage":{"prompt_tokens":99999999999,"completion_tokens":10}}
record flags=estimated input=4
post 1 /v1/chat/completions {"model":"m"}
whole 3 200 {"usage":{"prompt_tokens":5,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":9}}}
record flags=none input=5 cached=5

scenario r: a list that the checker has fetched is known at once, and the next replaces it
post 1 /v1/chat/completions {"model":"fresh"}
expect 1 "HTTP/1.1 404 "
models fetched fresh other
wait 100ms
post 1 /v1/chat/completions {"model":"fresh"}
upstream 1 fetched
models fetched other
wait 100ms
post 2 /v1/chat/completions {"model":"fresh"}
expect 2 "HTTP/1.1 404 "
whole 1 200 {}
expect 1 "HTTP/1.1 200 OK"

scenario r: when all have failed breakers do not matter, and each is asked
post 1 /v1/chat/completions {"model":"words"}
end 1 connect
end 2 connect
post 1 /v1/chat/completions {"model":"words"}
end 3 connect
end 4 connect
post 1 /v1/chat/completions {"model":"words"}
upstream 5 openai
end 5 connect
upstream 6 second
whole 6 200 {}
expect 1 "x-aigw-attempts: 2\r\n"
expect 1 "HTTP/1.1 503 "

scenario r: after its rest a provider gets one request on trial, then more
post 1 /v1/chat/completions {"model":"words"}
end 1 connect
whole 2 200 {}
post 1 /v1/chat/completions {"model":"words"}
end 3 connect
whole 4 200 {}
wait 31s
post 1 /v1/chat/completions {"model":"words"}
upstream 5 openai
post 2 /v1/chat/completions {"model":"words"}
upstream 6 second
whole 5 200 {}
post 3 /v1/chat/completions {"model":"words"}
upstream 7 openai
post 4 /v1/chat/completions {"model":"words"}
upstream 8 openai
post 5 /v1/chat/completions {"model":"words"}
upstream 9 second

scenario r: a trial that fails gives a provider another rest
post 1 /v1/chat/completions {"model":"words"}
end 1 connect
whole 2 200 {}
post 1 /v1/chat/completions {"model":"words"}
end 3 connect
whole 4 200 {}
wait 31s
post 1 /v1/chat/completions {"model":"words"}
upstream 5 openai
end 5 reset
whole 6 200 {}
wait 25s
post 1 /v1/chat/completions {"model":"words"}
upstream 7 second
whole 7 200 {}
wait 6s
post 1 /v1/chat/completions {"model":"words"}
upstream 8 openai

scenario r: a client that goes away on trial gives the turn back
post 1 /v1/chat/completions {"model":"words"}
end 1 connect
whole 2 200 {}
post 1 /v1/chat/completions {"model":"words"}
end 3 connect
whole 4 200 {}
wait 31s
post 2 /v1/chat/completions {"model":"words"}
upstream 5 openai
fail 2
cancelled 5
post 1 /v1/chat/completions {"model":"words"}
upstream 6 openai

scenario r: a provider is not blamed when our own memory was short
post 1 /v1/chat/completions {"model":"words"}
end 1 nomem
upstream 2 second
whole 2 200 {}
post 1 /v1/chat/completions {"model":"words"}
end 3 nomem
upstream 4 second
whole 4 200 {}
post 1 /v1/chat/completions {"model":"words"}
upstream 5 openai


scenario r: six trials that go well are enough, and a provider has its full share again
post 1 /v1/chat/completions {"model":"words"}
end 1 connect
whole 2 200 {}
post 1 /v1/chat/completions {"model":"words"}
end 3 connect
whole 4 200 {}
wait 31s
post 1 /v1/chat/completions {"model":"words"}
whole 5 200 {}
post 1 /v1/chat/completions {"model":"words"}
whole 6 200 {}
post 1 /v1/chat/completions {"model":"words"}
whole 7 200 {}
post 1 /v1/chat/completions {"model":"words"}
whole 8 200 {}
post 1 /v1/chat/completions {"model":"words"}
whole 9 200 {}
post 1 /v1/chat/completions {"model":"words"}
whole 10 200 {}
post 1 /v1/chat/completions {"model":"words"}
end 11 connect
whole 12 200 {}
post 1 /v1/chat/completions {"model":"words"}
upstream 13 openai

config broken
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "bad"; dialect = "openai"; base_url = "http://broken.test"; keys = ( "key-x1" ); models = ( "x" ); },
{ id = "good"; dialect = "openai"; base_url = "http://good.test"; keys = ( "key-g1" ); models = ( "m" ); } );
groups = ( { name = "both"; targets = ( { provider = "bad"; model = "x"; }, { provider = "good"; model = "m"; priority = 2; } ); } );
end

scenario broken: a provider that cannot be used at all is left out, and seen as unhealthy
post 1 /v1/chat/completions {"model":"both"}
upstream 1 good
whole 1 200 {}
expect 1 "x-aigw-attempts: 1\r\n"
get 1 /health/quick
get 1 /health
expect 1 "\"overall_status\":\"unhealthy\""
get 1 /readyz
expect 1 "HTTP/1.1 200 OK"

scenario broken: when there is no other nobody is asked, and that is said
post 1 /v1/chat/completions {"model":"x"}
expect 1 "HTTP/1.1 503 "
expect 1 "no provider can take this request now"
attempts 0
records 0
