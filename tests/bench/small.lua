-- small.lua - the request of this scenario, for wrk
wrk.method="POST"
wrk.headers["Content-Type"]="application/json"
wrk.headers["Authorization"]="Bearer sk-test-0123456789abcdef"
wrk.body='{"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":'..'"Hello, how are you? Please tell me something about the history of Unix."'..'}],"temperature":0.7}'
