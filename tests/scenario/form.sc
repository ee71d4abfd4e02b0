# Forms: the part named "model" is found, and all else is left alone.
config f
listen = ( { address = "127.0.0.1:8080"; } );
auth = { required = false; };
providers = (
{ id = "alpha"; dialect = "openai"; base_url = "http://alpha.test";
keys = ( "key-a1" ); models = ( "whisper", "gpt-image" ); } );
groups = ( { name = "hear"; targets = ( { provider = "alpha"; model = "whisper"; } ); } );
end

scenario f: the model of a form is read wherever it stands, and the form goes up as it is
header content-type: multipart/form-data; boundary=XX
post 1 /v1/audio/transcriptions "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX--\r\n"
uptarget 1 /v1/audio/transcriptions
upheader 1 "content-type: multipart/form-data; boundary=XX\n"
upbody 1 "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\r\n--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX--\r\n"
whole 1 200 {"text":"hi"}
expect 1 "{\"text\":\"hi\"}"
record model=whisper endpoint=/v1/audio/transcriptions status=200

scenario f: a group's name in a form is replaced, and its length changes with it
header content-type: multipart/form-data; boundary="XX"
post 1 /v1/audio/translations "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nhear\r\n--XX--\r\n"
uptarget 1 /v1/audio/translations
upbody 1 "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX--\r\n"
whole 1 200 {"text":"hi"}
record group=hear model=hear upstream_model=whisper

scenario f: what only looks like the model in a file is not taken for it
header content-type: multipart/form-data; charset=utf-8; boundary=XX; x=y
post 1 /v1/images/edits "--XX\r\nContent-Disposition: form-data; name=\"image\"\r\n\r\nname=\"model\"\r\n\r\nghost\r\n--X\r\n\r\n--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\ngpt-image\r\n--XX--\r\n"
uptarget 1 /v1/images/edits
whole 1 200 {"data":[]}
record model=gpt-image

scenario f: a form without a model, or without its boundary, is refused
header content-type: multipart/form-data; boundary=XX
post 1 /v1/audio/transcriptions "--XX\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nRIFF\r\n--XX--\r\n"
expect 1 "HTTP/1.1 400 "
expect 1 "the form has no field model"
header content-type: multipart/form-data
post 1 /v1/audio/transcriptions "--XX\r\n"
expect 1 "HTTP/1.1 400 "
expect 1 "the content-type needs one boundary of 1 to 70 characters"
header content-type: multipart/form-data; boundary=
post 1 /v1/audio/transcriptions "--XX\r\n"
expect 1 "HTTP/1.1 400 "
expect 1 "the content-type needs one boundary of 1 to 70 characters"
header content-type: multipart/form-data; boundary=XX
post 1 /v1/audio/transcriptions "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper"
expect 1 "HTTP/1.1 400 "
expect 1 "the form breaks off"
attempts 0
open 1

scenario f: a form that could be read in two ways is refused
header content-type: multipart/form-data; boundary=XX
post 1 /v1/audio/transcriptions "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nghost\r\n--XX--\r\n"
expect 1 "HTTP/1.1 400 "
expect 1 "the form has the field model twice"
header content-type: multipart/form-data; boundary=XX
post 1 /v1/audio/transcriptions "--XX\r\nContent-Disposition: form-data; name=\"a\\\\\"; name=\"model\"\r\n\r\nwhisper\r\n--XX--\r\n"
expect 1 "HTTP/1.1 400 "
expect 1 "the form has a part whose name cannot be read"
header content-type: multipart/form-data; boundary=XX; boundary=YY
post 1 /v1/audio/transcriptions "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX--\r\n"
expect 1 "HTTP/1.1 400 "
expect 1 "the content-type needs one boundary"
attempts 0
open 1

scenario f: such a path takes JSON too, if that is what comes
post 1 /v1/audio/transcriptions {"model":"hear","file":"x"}
upbody 1 {"model":"whisper","file":"x"}

scenario f: a form is asked for as a stream by the query
header content-type: multipart/form-data; boundary=XX
post 1 /v1/audio/transcriptions?stream=true "--XX\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper\r\n--XX--\r\n"
first 1 60s
answer 1 200 sse -
bytes 1 "event: transcript.text.delta\ndata: {\"delta\":\"h\"}\n\n"
expect 1 "\"delta\":\"h\""
end 1 ok
expect 1 "0\r\n\r\n"
record flags=stream,estimated

