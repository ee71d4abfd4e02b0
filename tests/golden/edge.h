/*
 * edge.h - for tests of what real clients send.
 */
#ifndef GOLDEN_EDGE_H
#define GOLDEN_EDGE_H

#include "golden.h"

extern struct rig edge_rig;

/* JSON with ' for ". */
const char *edge_json(const char *s);
/* The request as merged into one that says "Hi": what the provider gets. */
const char *send_to(int client, int provider, const char *model,
    const char *patch);
/* It arrives: cond holds of it (probe.h), and that is reported. */
void gets(int client, int provider, const char *model, const char *patch,
    const char *cond, const char *notes);
/* It is refused for a member whose name begins so. */
void refused(int client, int provider, const char *model, const char *patch,
    const char *param);

#define POINT(name) TEST(name)
#define BEGIN rig_new(&edge_rig)
#define END rig_free(&edge_rig)

#define U(t) "{'role':'user','content':'" t "'}"
#define CALL(id, args) "{'id':'" id "','type':'function','function':{" \
	"'name':'look','arguments':'" args "'}}"
#define CALLS(c) "{'role':'assistant','content':null,'tool_calls':[" c "]}"
#define TOLD(id, t) "{'role':'tool','tool_call_id':'" id "','content':'" t "'}"
#define MSG(m) "{'messages':[" m "]}"
#define TOOL(name) "{'type':'function','function':{'name':'" name "'," \
	"'parameters':{'type':'object','properties':{}}}}"

#endif
