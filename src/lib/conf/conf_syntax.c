/*
 * conf_syntax.c - the grammar of a file, token by token.
 *
 * Runs in: master; children for their share.
 * Owns: nothing.
 *
 * The grammar of libconfig 1.5, checked before libconfig sees the text: its
 * own report is the bare words "syntax error", and it loses memory on them.
 */
#include <stdio.h>

#include "conf/syntax.h"

enum { IN_GROUP, IN_LIST, IN_ARRAY };

/* What may come next; the words are those of the report. */
enum {
	WANT_NAME,	/* or the end of the group */
	WANT_EQUALS,
	WANT_VALUE,	/* of a setting */
	WANT_END,	/* behind a value: terminator or what WANT_NAME may */
	WANT_FIRST,	/* of a list: value or its end */
	WANT_ITEM,	/* of a list, behind a comma */
	WANT_COMMA	/* of a list, behind a value: comma or its end */
};
static const char *const wants[] = {
	"the name of an option", "\"=\"", "a value", "\";\"",
	"a value or the closing bracket",
	"a value (no comma in front of the closing bracket)",
	"\",\" or the closing bracket"
};

void
syntax_init(struct syntax *s)
{
	s->depth = 0;
	s->in[0] = IN_GROUP;
	s->want = WANT_NAME;
	s->after_string = s->late = 0;
}

static int
fail(struct syntax *s, const char *found)
{
	snprintf(s->error, sizeof(s->error), "syntax error: %s expected, "
	    "found %s", wants[s->want], found);
	s->late = s->want == WANT_END || s->want == WANT_COMMA;
	return -1;
}

/* A value ended, or a bracket closed: what may follow. */
static void
after_value(struct syntax *s)
{
	s->want = s->in[s->depth] == IN_GROUP ? WANT_END : WANT_COMMA;
}

static int
open_bracket(struct syntax *s, char c)
{
	if (s->want != WANT_VALUE && s->want != WANT_FIRST &&
	    s->want != WANT_ITEM)
		return fail(s, c == '{' ? "\"{\"" : c == '(' ? "\"(\"" :
		    "\"[\"");
	if (s->in[s->depth] == IN_ARRAY) {
		snprintf(s->error, sizeof(s->error), "syntax error: [ ... ] "
		    "can hold single values only, ( ... ) can hold more");
		return -1;
	}
	if (s->depth + 1 == SYNTAX_DEPTH) {
		snprintf(s->error, sizeof(s->error),
		    "syntax error: nested too deep");
		return -1;
	}
	s->in[++s->depth] = c == '{' ? IN_GROUP : c == '(' ? IN_LIST :
	    IN_ARRAY;
	s->want = c == '{' ? WANT_NAME : WANT_FIRST;
	return 0;
}

static int
close_bracket(struct syntax *s, char c)
{
	int in = c == '}' ? IN_GROUP : c == ')' ? IN_LIST : IN_ARRAY;
	int may = in == IN_GROUP ?
	    s->want == WANT_NAME || s->want == WANT_END :
	    s->want == WANT_FIRST || s->want == WANT_COMMA;

	if (s->depth == 0 || s->in[s->depth] != in || !may)
		return fail(s, c == '}' ? "\"}\"" : c == ')' ? "\")\"" :
		    "\"]\"");
	s->depth--;
	after_value(s);
	return 0;
}

static int
value(struct syntax *s, enum syntax_token t)
{
	if (t == SYNTAX_STRING && s->after_string)
		return 0;	/* "a" "b" is one string */
	if (s->want != WANT_VALUE && s->want != WANT_FIRST &&
	    s->want != WANT_ITEM)
		return fail(s, t == SYNTAX_STRING ? "a string" :
		    t == SYNTAX_BOOL ? "true or false" : "a number");
	after_value(s);
	s->after_string = t == SYNTAX_STRING;
	return 0;
}

static int
separator(struct syntax *s, char c)
{
	if (s->want == WANT_END)
		s->want = WANT_NAME;
	else if (s->want == WANT_COMMA && c == ',')
		s->want = WANT_ITEM;
	else
		return fail(s, c == ',' ? "\",\"" : "\";\"");
	return 0;
}

int
syntax_token(struct syntax *s, enum syntax_token t, char c)
{
	char found[] = "\"?\"";

	if (t != SYNTAX_STRING)
		s->after_string = 0;
	switch (t) {
	case SYNTAX_NAME:
		if (s->want != WANT_NAME && s->want != WANT_END)
			return fail(s, "a name");
		s->want = WANT_EQUALS;
		return 0;
	case SYNTAX_STRING:
	case SYNTAX_NUMBER:
	case SYNTAX_BOOL:
		return value(s, t);
	case SYNTAX_END:
		if (s->depth > 0 || (s->want != WANT_NAME &&
		    s->want != WANT_END))
			return fail(s, "the end of the file");
		return 0;
	case SYNTAX_MARK:
		break;
	}
	found[1] = c >= 0x20 && c < 0x7f ? c : '?';
	switch (c) {
	case '{':
	case '(':
	case '[':
		return open_bracket(s, c);
	case '}':
	case ')':
	case ']':
		return close_bracket(s, c);
	case ';':
	case ',':
		return separator(s, c);
	case '=':
	case ':':
		if (s->want != WANT_EQUALS)
			return fail(s, found);
		s->want = WANT_VALUE;
		return 0;
	default:
		return fail(s, found);
	}
}
