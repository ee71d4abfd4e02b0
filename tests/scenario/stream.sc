# Streams: what is held, what is withheld, silence, truncation, slow readers.
config s
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test";
keys = ( "key-a1" ); models = ( "m" ); },
{ id = "beta"; dialect = "openai"; base_url = "http://beta.test";
keys = ( "key-b1" ); models = ( "m" ); on_disconnect = "drain"; } );
groups = ( { name = "g"; strategy = "priority"; targets = (
{ provider = "alpha"; model = "m"; priority = 1; },
{ provider = "beta"; model = "m"; priority = 2; } ); } );
end

scenario s: a stream passes from its first content on, with usage withheld
post 1 /v1/chat/completions {"model":"g","stream":true}
upbody 1 {"stream_options":{"include_usage":true},"model":"m","stream":true}
idle 1 300s
answer 1 200 sse -
first 1 60s
bytes 1 "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"
nothing 1
wait 2s
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
idle 1 300s
first 1 0s
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "content-type: text/event-stream\r\n"
expect 1 "cache-control: no-cache\r\nx-accel-buffering: no\r\n"
expect 1 "assistant"
expect 1 "\"Hi\""
counter aigw_streams_active 1
bytes 1 "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\n"
bytes 1 "data: [DONE]\n\n"
end 1 ok
expect 1 "data: [DONE]\n\n\r\n0\r\n\r\n"
never 1 prompt_tokens
record status=200 input=5 output=2 flags=stream,unpriced first_ms=2000

scenario s: neither comments nor role chunks put the first token off
post 1 /v1/chat/completions {"model":"g","stream":true}
wait 10s
answer 1 200 sse -
wait 20s
bytes 1 ": ping\n\n"
bytes 1 "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"
wait 29s
bytes 1 ": ping\n\n"
alive 1
wait 2s
cancelled 1
upstream 2 beta
answer 2 200 sse -
wait 58s
bytes 2 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
wait 200s
alive 2
bytes 2 "data: [DONE]\n\n"
end 2 ok
expect 1 "\"Hi\""
expect 1 "[DONE]"
never 1 assistant
record status=200 attempts=2 provider=beta

scenario s: no head of a stream in first_token_timeout goes to the next target
post 1 /v1/chat/completions {"model":"g","stream":true}
wait 59s
alive 1
wait 1s
upstream 2 beta

scenario s: no first token at the only candidate is a 504
conf client = { commit_after = "0s"; };
post 1 /v1/chat/completions {"model":"alpha/m","stream":true}
answer 1 200 sse -
bytes 1 ": one\n\n"
wait 40s
bytes 1 ": two\n\n"
wait 20s
expect 1 "HTTP/1.1 504 "
expect 1 "no content of the stream in time"
record status=504 attempts=1 flags=failed

scenario s: an answer that is no stream has no first token
conf client = { commit_after = "0s"; };
post 1 /v1/chat/completions {"model":"alpha/m","stream":true}
answer 1 200 json -
first 1 0s
wait 100s
alive 1

scenario s: the first event counts where content is not known, a comment not
post 1 /alpha/v1/other {"stream":true}
answer 1 200 sse -
bytes 1 ": one\n\n"
expect 1 ": one"
wait 61s
cancelled 1
expect 1 "error"
record status=200 flags=stream,estimated,truncated,unpriced
post 2 /alpha/v1/other {"stream":true}
answer 2 200 sse -
bytes 2 ": one\n\ndata: x\n\n"
wait 200s
alive 2
end 2 ok
open 2

scenario s: usage is withheld however the bytes are split
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
pieces 1 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}],\"usage\":null}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "[DONE]"
never 1 prompt_tokens
record input=5 output=2
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 2 200 sse -
pieces 2 7 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\r\n\r\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\r\n\r\ndata: [DONE]\r\n\r\n"
end 2 ok
expect 1 "[DONE]"
never 1 prompt_tokens
record input=5 output=2
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 3 200 sse -
pieces 3 61 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"
end 3 ok
expect 1 "[DONE]"
never 1 prompt_tokens
record input=5 output=2

scenario s: an event that ends with CR is passed on at once, its LF is no other one
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"one\"}}]}\r\r"
expect 1 "\"one\"}}]}\r\r"
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"two\"}}]}\r\n\r"
expect 1 "\"two\"}}]}\r\n\r"
bytes 1 "\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\r\n\r"
bytes 1 "\ndata: {\"choices\":[{\"delta\":{\"content\":\"three\"}}]}\n\r"
expect 1 "1\r\n\n\r\n"
exactly 1 "33\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"three\"}}]}\n\r\r\n"
bytes 1 "data: [DONE]\r\r"
exactly 1 "e\r\ndata: [DONE]\r\r\r\n"
end 1 ok
never 1 prompt_tokens
record input=5 output=2
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 2 200 sse -
pieces 2 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\r\rdata: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\r\rdata: [DONE]\r\r"
end 2 ok
expect 1 "[DONE]\r"
never 1 prompt_tokens
record input=5 output=2

scenario s: usage is withheld behind a read that begins inside an event
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"cho"
bytes 1 "ices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"cho" * 1800
bytes 1 "ices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\n"
bytes 1 "data: [DONE]\n\n"
end 1 ok
expect 1 "[DONE]"
never 1 prompt_tokens
record input=5 output=2

scenario s: an event of megabytes is neither cut nor confuses what follows
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"image\":\""
pieces 1 65536 "0123456789abcdef" * 100000
bytes 1 "\"}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\n"
bytes 1 "data: [DONE]\n\n"
end 1 ok
expect 1 "[DONE]"
expect 1 "0\r\n\r\n"
never 1 prompt_tokens
record input=5 output=2 flags=stream,unpriced

scenario s: a chunk with empty choices and null usage is no usage chunk
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[],\"prompt_filter_results\":[],\"usage\":null}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "prompt_filter_results"

scenario s: who asks for usage gets it
post 1 /v1/chat/completions {"model":"g","stream":true,"stream_options":{"include_usage":true}}
upbody 1 {"model":"m","stream":true,"stream_options":{"include_usage":true}}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "prompt_tokens"

scenario s: stream options that are empty, null or say no are completed
post 1 /v1/chat/completions {"model":"m","stream":true,"stream_options":{ }}
upbody 1 {"model":"m","stream":true,"stream_options":{"include_usage":true }}
post 2 /v1/chat/completions {"model":"m","stream":true,"stream_options":null}
upbody 2 {"model":"m","stream":true,"stream_options":{"include_usage":true}}
post 3 /v1/chat/completions {"model":"m","stream":true,"stream_options":{"include_usage":false,"x":1}}
upbody 3 {"model":"m","stream":true,"stream_options":{"include_usage":true,"x":1}}
post 4 /v1/chat/completions {"model":"m","stream":true,"stream_options":{"x":1}}
upbody 4 {"model":"m","stream":true,"stream_options":{"include_usage":true,"x":1}}
post 5 /v1/chat/completions?stream=true {"model":"m"}
upbody 5 {"stream":true,"stream_options":{"include_usage":true},"model":"m"}

scenario s: an error event before content goes to the next target
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"
cancelled 1
upstream 2 beta
nothing 1

scenario s: a stream that ends before its first content goes to the next target
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"
end 1 ok
upstream 2 beta

scenario s: no first token in time goes to the next target
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
wait 10s
end 1 idle_timeout
upstream 2 beta
nothing 1

scenario s: silence in the middle is an error event, never a clean end
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
expect 1 "\"Hi\""
end 1 idle_timeout
expect 1 "data: {\"error\":"
expect 1 "0\r\n\r\n"
never 1 [DONE]
open 1
record status=200 flags=stream,estimated,truncated,unpriced attempts=1

scenario s: a stream without its end mark is an error event
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: {\"cho"
end 1 ok
expect 1 "\"Hi\""
expect 1 "data: {\"error\":"
expect 1 "without its end mark"
never 1 "data: {\"cho\n"
record status=200 flags=stream,estimated,truncated,unpriced

scenario s: a comment bridges 15 s of silence, and only between events
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
expect 1 "\"Hi\""
wait 14s
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Ho\"}}]}\n\n"
expect 1 "\"Ho\"}}]}\n\n\r\n"
wait 14s
nothing 1
wait 1s
exactly 1 "d\r\n: keepalive\n\n\r\n"
bytes 1 "data: {\"choi"
wait 60s
nothing 1
bytes 1 "ces\":[{\"delta\":{\"content\":\"He\"}}]}\n\n"
expect 1 "\"He\""

scenario s: a silent stream is committed after 15 s and failover goes on
post 1 /v1/chat/completions {"model":"g","stream":true}
wait 5s
answer 1 200 sse -
wait 9s
nothing 1
wait 1s
expect 1 "HTTP/1.1 200 OK\r\n"
expect 1 "content-type: text/event-stream\r\n"
expect 1 ": keepalive\n\n"
end 1 idle_timeout
upstream 2 beta
wait 15s
expect 1 ": keepalive\n\n"
answer 2 200 sse -
bytes 2 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n"
end 2 ok
expect 1 "\"Hi\""
expect 1 "0\r\n\r\n"
never 1 "HTTP/1.1 200 OK\r\nHTTP"
record status=200 provider=beta attempts=2 first_ms=30000
open 1

scenario s: the commit falls into the next attempt's connecting
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
wait 10s
end 1 idle_timeout
wait 6s
expect 1 "HTTP/1.1 200 OK\r\n"
end 2 connect
expect 1 "data: {\"error\":"
expect 1 "0\r\n\r\n"
open 1
record status=200 attempts=2 flags=stream,truncated,failed

scenario s: a refusal after the commit is told inside the stream
post 1 /v1/chat/completions {"model":"g","stream":true}
wait 15s
expect 1 "HTTP/1.1 200 OK\r\n"
whole 1 400 {"error":{"message":"bad tool"}}
expect 1 "data: {\"error\":"
expect 1 "bad tool"
expect 1 "0\r\n\r\n"
attempts 1

scenario s: a slow reader pauses the provider, then it goes on
post 1 /v1/chat/completions {"model":"g","stream":true}
reads 1 1000
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"0123456789\"}}]}\n\n" * 6000
paused 1
wait 5s
paused 1
reads 1 all
running 1
bytes 1 "data: [DONE]\n\n"
end 1 ok
expect 1 "[DONE]"

scenario s: a reader that never reads is cut after write_timeout
post 1 /v1/chat/completions {"model":"g","stream":true}
reads 1 1000
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"0123456789\"}}]}\n\n" * 6000
wait 59s
open 1
wait 62s
cut 1
cancelled 1
record status=200 flags=stream,estimated,aborted,unpriced

scenario s: a reader is not late when the provider was silent
post 1 /v1/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"text\":\"Hi\"}]}\n\ndata: {\"choi"
expect 1 "Hi"
wait 59s
wait 990ms
bytes 1 "ces\":[{\"text\":\"Ho\"}]}\n\n"
wait 70s
open 1

scenario s: no memory for the client ends the attempt
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
nomem 1
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Ho\"}}]}\n\n"
cancelled 1
cut 1
record flags=stream,estimated,aborted,unpriced

scenario s: a client that goes away cancels the attempt and is accounted for
post 1 /v1/chat/completions {"model":"g","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi there\"}}]}\n\n"
eof 1
cancelled 1
cut 1
record status=200 input=7 output=2 flags=stream,estimated,aborted,unpriced
counter aigw_requests_aborted_total 1
counter aigw_usage_estimated_total 1

scenario s: a client that goes away is drained where the provider counts on
post 1 /v1/chat/completions {"model":"beta/m","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
fail 1
alive 1
bytes 1 "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n"
records 0
end 1 ok
record status=200 input=5 output=2 flags=stream,aborted,unpriced

scenario s: a client that goes away before the head cancels and pays its input
post 1 /v1/chat/completions {"model":"alpha/m"}
fail 1
cancelled 1
record status=499 input=5 output=0 flags=estimated,aborted,failed,unpriced

scenario s: a client that goes away before the head is drained too
post 1 /v1/chat/completions {"model":"beta/m"}
fail 1
alive 1
whole 1 200 {"usage":{"prompt_tokens":5,"completion_tokens":2}}
record input=5 output=2 flags=aborted,unpriced
counter aigw_requests_aborted_total 1

scenario s: an HTTP/1.0 client gets the stream until the close
send 1 "POST /v1/chat/completions HTTP/1.0\r\nhost: x\r\ncontent-length: 27\r\n\r\n{\"model\":\"g\",\"stream\":true}"
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n"
end 1 ok
expect 1 "connection: close\r\n\r\ndata: {"
never 1 chunked
closed 1

scenario s: when the drain time is over no provider is waited for
post 1 /v1/chat/completions {"model":"beta/m","stream":true}
answer 1 200 sse -
bytes 1 "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
drain 10s
wait 9s
open 1
drained 0
wait 2s
cut 1
cancelled 1
drained 1
record status=200 flags=stream,estimated,aborted,unpriced

scenario s: a stream of the raw proxy is not held
post 1 /alpha/v1/messages {"model":"x","stream":true}
answer 1 200 sse -
bytes 1 "event: message_start\ndata: {}\n\n"
expect 1 "event: message_start\ndata: {}\n\n"
end 1 ok
expect 1 "0\r\n\r\n"
