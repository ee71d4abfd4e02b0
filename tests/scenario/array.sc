# Gemini's stream as one JSON array, for a client and a provider of Gemini.
config arr
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "gem"; dialect = "gemini"; base_url = "http://gem.test"; keys = ( "key-gem" ); models = ( "gemini-pro" ); },
{ id = "gem2"; dialect = "gemini"; base_url = "http://gem2.test"; keys = ( "key-gem2" ); models = ( "gemini-pro" ); } );
groups = ( { name = "both"; strategy = "priority"; targets = ( { provider = "gem"; model = "gemini-pro"; priority = 1; },
{ provider = "gem2"; model = "gemini-pro"; priority = 2; } ); } );
end

scenario arr: each element goes on as it comes, byte for byte, and its usage counts
post 1 /v1beta/models/both:streamGenerateContent {"contents":[]}
uptarget 1 /v1beta/models/gemini-pro:streamGenerateContent
answer 1 200 json -
bytes 1 "[{ \"candidates\": [{\"content\": {\"parts\": [{\"text\": \"a]}\\\"[{\"}]}}]\n}"
expect 1 "content-type: application/json"
expect 1 "[{ \"candidates\": [{\"content\": {\"parts\": [{\"text\": \"a]}\\\"[{\"}]}}]\n}"
bytes 1 "\n,\r\n{\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":2,\"candidatesTokenCount\":1}}"
expect 1 "\n,\r\n{\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":2,\"candidatesTokenCount\":1}}"
bytes 1 "\n]\n"
end 1 ok
expect 1 "\n]\n"
expect 1 "\r\n0\r\n\r\n"
never 1 "error"
record status=200 provider=gem input=2 output=1 flags=stream,unpriced

scenario arr: in pieces of one byte too
post 1 /v1beta/models/both:streamGenerateContent {"contents":[]}
answer 1 200 json -
pieces 1 1 "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"\\\\\\\"]}\"}]}}]},{\"candidates\":[{\"finishReason\":\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":2,\"candidatesTokenCount\":1}}]"
end 1 ok
never 1 "error"
record status=200 input=2 output=1 flags=stream,unpriced

scenario arr: cut between two elements: an error is the last one
post 1 /v1beta/models/both:streamGenerateContent {"contents":[]}
answer 1 200 json -
bytes 1 "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hel\"}]}}]}"
expect 1 "hel"
end 1 reset
expect 1 ",\r\n{\"error\":{\"code\":"
expect 1 "}}]\r\n"
expect 1 "0\r\n\r\n"
open 1
record status=200 flags=stream,estimated,truncated,unpriced

scenario arr: cut behind a comma
post 1 /v1beta/models/both:streamGenerateContent {"contents":[]}
answer 1 200 json -
bytes 1 "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hel\"}]}}]}\n,"
expect 1 "hel"
end 1 idle_timeout
expect 1 "{\"error\":{\"code\":"
expect 1 "}}]\r\n"
never 1 ",\r\n{\"error\""
expect 1 "0\r\n\r\n"

scenario arr: cut inside an element: nothing can mend that, the connection breaks
post 1 /v1beta/models/both:streamGenerateContent {"contents":[]}
answer 1 200 json -
bytes 1 "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hel\"}]}}]},{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"l"
expect 1 "hel"
end 1 reset
never 1 "error"
never 1 "0\r\n\r\n"
cut 1

scenario arr: a stream without its end is cut, though the connection ends well
post 1 /v1beta/models/both:streamGenerateContent {"contents":[]}
answer 1 200 json -
bytes 1 "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hel\"}]}}]},\n{\"candidates\":[{\"finishReason\":\"STOP\"}]}\n"
expect 1 "hel"
end 1 ok
expect 1 ",\r\n{\"error\":{\"code\":"
expect 1 "}}]\r\n"

scenario arr: so is one with an end and without a reason to finish
post 1 /v1beta/models/both:streamGenerateContent {"contents":[]}
answer 1 200 json -
bytes 1 "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hel\"}]}}]}"
expect 1 "hel"
end 1 ok
expect 1 ",\r\n{\"error\":{\"code\":"

scenario arr: nothing follows the array's end, though the connection breaks
post 1 /v1beta/models/both:streamGenerateContent {"contents":[]}
answer 1 200 json -
bytes 1 "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hel\"}]},\"finishReason\":\"STOP\"}]}]"
end 1 reset
expect 1 "hel"
never 1 "error"
expect 1 "0\r\n\r\n"

scenario arr: an error that the provider tells goes on in its own words
post 1 /v1beta/models/both:streamGenerateContent {"contents":[]}
answer 1 200 json -
bytes 1 "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hel\"}]}}]}"
bytes 1 ",{\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\"}}]"
end 1 ok
expect 1 "hel"
expect 1 ",{\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\"}}]\r\n"
expect 1 "0\r\n\r\n"
record status=200

scenario arr: before the first content it goes to the next target
post 1 /v1beta/models/both:streamGenerateContent {"contents":[]}
answer 1 200 json -
bytes 1 "[{\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\"}}]"
answer 2 200 json -
bytes 2 "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hel\"}]},\"finishReason\":\"STOP\"}]}]"
end 2 ok
expect 1 "x-aigw-provider: gem2\r\n"
expect 1 "hel"

scenario arr: silence is filled with what a reader of JSON skips
post 1 /v1beta/models/both:streamGenerateContent {"contents":[]}
answer 1 200 json -
bytes 1 "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hel\"}]}}]}"
expect 1 "hel"
wait 16s
expect 1 "2\r\n\r\n\r\n"
bytes 1 ",{\"candidates\":[{\"finishReason\":\"STOP\"}]}]"
end 1 ok
expect 1 "STOP"
never 1 "error"
