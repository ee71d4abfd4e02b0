-- messages.lua - a small Messages request, for wrk; its provider speaks OpenAI's
-- format
wrk.method="POST"
wrk.headers["Content-Type"]="application/json"
wrk.headers["x-api-key"]="sk-test-0123456789abcdef"
wrk.headers["anthropic-version"]="2023-06-01"
wrk.path="/v1/messages"
wrk.body='{"model":"gpt-4o-mini","max_tokens":100,"system":"You are a helpful assistant.","messages":[{"role":"user","content":'..'"Hello, how are you? Please tell me something about the history of Unix."'..'}],"temperature":0.7}'
