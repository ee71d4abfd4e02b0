# Targets that become slow.
config slow
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "a"; dialect = "openai"; base_url = "http://a.test"; keys = ( "k1" ); models = ( "m" ); },
{ id = "b"; dialect = "openai"; base_url = "http://b.test"; keys = ( "k2" ); models = ( "m" ); } );
groups = ( { name = "rr"; strategy = "round_robin"; targets = (
{ provider = "a"; model = "m"; }, { provider = "b"; model = "m"; } ); } );
failover = { half_open_after = "1s"; };
default_strategy = "round_robin";
end

scenario slow: five that wait show it, among twenty that were answered
post 1 /v1/chat/completions {"model":"rr"}
upstream 1 a
whole 1 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 2 b
whole 2 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 3 a
whole 3 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 4 b
whole 4 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 5 a
whole 5 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 6 b
whole 6 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 7 a
whole 7 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 8 b
whole 8 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 9 a
whole 9 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 10 b
whole 10 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 11 a
whole 11 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 12 b
whole 12 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 13 a
whole 13 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 14 b
whole 14 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 15 a
whole 15 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 16 b
whole 16 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 17 a
whole 17 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 18 b
whole 18 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 19 a
whole 19 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 20 b
whole 20 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 21 a
whole 21 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 22 b
whole 22 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 23 a
whole 23 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 24 b
whole 24 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 25 a
whole 25 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 26 b
whole 26 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 27 a
whole 27 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 28 b
whole 28 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 29 a
whole 29 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 30 b
whole 30 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 31 a
whole 31 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 32 b
whole 32 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 33 a
whole 33 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 34 b
whole 34 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 35 a
whole 35 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 36 b
whole 36 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 37 a
whole 37 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 38 b
whole 38 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 39 a
whole 39 200 {}
post 1 /v1/chat/completions {"model":"rr"}
upstream 40 b
whole 40 200 {}
wait 100ms
post 2 /v1/chat/completions {"model":"rr"}
upstream 41 a
post 3 /v1/chat/completions {"model":"rr"}
upstream 42 b
whole 42 200 {}
post 4 /v1/chat/completions {"model":"rr"}
upstream 43 a
post 5 /v1/chat/completions {"model":"rr"}
upstream 44 b
whole 44 200 {}
post 6 /v1/chat/completions {"model":"rr"}
upstream 45 a
post 7 /v1/chat/completions {"model":"rr"}
upstream 46 b
whole 46 200 {}
post 8 /v1/chat/completions {"model":"rr"}
upstream 47 a
post 9 /v1/chat/completions {"model":"rr"}
upstream 48 b
whole 48 200 {}
post 10 /v1/chat/completions {"model":"rr"}
upstream 49 a
post 11 /v1/chat/completions {"model":"rr"}
upstream 50 b
whole 50 200 {}
wait 100ms
counter aigw_upstream_ejected 0
wait 300ms
counter aigw_upstream_ejected 1
counter aigw_upstream_ejections_total 1
# what waits is waited for
whole 41 200 {}
expect 2 "HTTP/1.1 200 OK\r\n"
# a probe, since half_open_after has passed
wait 1s
post 12 /v1/chat/completions {"model":"rr"}
upstream 51 a
whole 51 200 {}
expect 12 "x-aigw-provider: a\r\n"
records 47

scenario slow: providers that list the same model are a group
post 1 /v1/chat/completions {"model":"m"}
upstream 1 a
whole 1 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 2 b
whole 2 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 3 a
whole 3 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 4 b
whole 4 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 5 a
whole 5 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 6 b
whole 6 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 7 a
whole 7 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 8 b
whole 8 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 9 a
whole 9 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 10 b
whole 10 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 11 a
whole 11 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 12 b
whole 12 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 13 a
whole 13 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 14 b
whole 14 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 15 a
whole 15 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 16 b
whole 16 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 17 a
whole 17 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 18 b
whole 18 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 19 a
whole 19 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 20 b
whole 20 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 21 a
whole 21 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 22 b
whole 22 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 23 a
whole 23 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 24 b
whole 24 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 25 a
whole 25 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 26 b
whole 26 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 27 a
whole 27 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 28 b
whole 28 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 29 a
whole 29 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 30 b
whole 30 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 31 a
whole 31 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 32 b
whole 32 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 33 a
whole 33 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 34 b
whole 34 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 35 a
whole 35 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 36 b
whole 36 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 37 a
whole 37 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 38 b
whole 38 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 39 a
whole 39 200 {}
post 1 /v1/chat/completions {"model":"m"}
upstream 40 b
whole 40 200 {}
wait 100ms
post 2 /v1/chat/completions {"model":"m"}
upstream 41 a
post 3 /v1/chat/completions {"model":"m"}
upstream 42 b
whole 42 200 {}
post 4 /v1/chat/completions {"model":"m"}
upstream 43 a
post 5 /v1/chat/completions {"model":"m"}
upstream 44 b
whole 44 200 {}
post 6 /v1/chat/completions {"model":"m"}
upstream 45 a
post 7 /v1/chat/completions {"model":"m"}
upstream 46 b
whole 46 200 {}
post 8 /v1/chat/completions {"model":"m"}
upstream 47 a
post 9 /v1/chat/completions {"model":"m"}
upstream 48 b
whole 48 200 {}
post 10 /v1/chat/completions {"model":"m"}
upstream 49 a
post 11 /v1/chat/completions {"model":"m"}
upstream 50 b
whole 50 200 {}
wait 100ms
counter aigw_upstream_ejected 0
wait 300ms
counter aigw_upstream_ejected 1
counter aigw_upstream_ejections_total 1
