/*
 * opt.h - the option table: what may stand in aigw.conf.
 *
 * Private to the conf layer, the lint and its tests. One row is one option; it
 * drives parsing, checking, "aigwd -T", the share of a role, the environment
 * overlay and the comparison with the sample file and the manual.
 */
#ifndef CONF_OPT_H
#define CONF_OPT_H

#include <stddef.h>

#include "base/board.h"
#include "conf/conf.h"

enum opt_type {
	OPT_BOOL,	/* int */
	OPT_INT,	/* int, range */
	OPT_UINT,	/* unsigned, range */
	OPT_U64,	/* uint64_t */
	OPT_I64,	/* int64_t */
	OPT_NUM,	/* double, range */
	OPT_STR,	/* const char * */
	OPT_SIZE,	/* uint64_t, "64k" */
	OPT_TIME,	/* int64_t us, "10s" */
	OPT_ENUM,	/* int: index in the choices */
	OPT_LEVEL,	/* int: enum log_level */
	OPT_BITS,	/* unsigned: list of choices, bit n is choice n */
	OPT_STRS,	/* struct conf_strs */
	OPT_CIDRS,	/* struct conf_cidrs */
	OPT_SECRET,	/* struct secret *; off2: its source */
	OPT_PEM,	/* struct secret *; shares only */
	OPT_HASHED,	/* unsigned char[32]: secret, kept as its hash */
	OPT_HASH,	/* unsigned char[32]: "sha256:..." */
	OPT_HEX8,	/* unsigned char[8]; shares only */
	OPT_LIMIT,	/* uint64_t, CONF_UNSET when absent */
	OPT_LIMIT_TIME,	/* uint64_t us, CONF_UNSET when absent */
	OPT_SCORE,	/* double 0..100, -1 when absent */
	OPT_USD,	/* int64_t pico-dollars */
	OPT_PRICE,	/* int64_t per token, written per million; -1 when
			 * absent; off2: the unit beside it, 0: none */
	OPT_STATUSES,	/* struct conf_statuses */
	OPT_DAY,	/* const char *, "2027-12-31" */
	OPT_MAP,	/* struct conf_strs names; off2: values */
	OPT_GROUP,	/* rows of sub at off */
	OPT_LIST,	/* pointer to items of sub; off2: unsigned count; with
			 * arg "4" an array of 4 items instead */
	OPT_TYPES
};

#define OPT_F_LATER	0x0001	/* accepted, not active yet */
#define OPT_F_REQUIRED	0x0002
#define OPT_F_SHARE	0x0004	/* stands in shares only, not in files */
#define OPT_F_MARK	0x0008	/* group: int at off2 is 1 when it is there */
#define OPT_F_SHORT	0x0010	/* list: a bare string is the first option */
#define OPT_F_NODUMP	0x0020	/* never printed */
#define OPT_F_URL	0x0040	/* for people: without user:password@ */
#define OPT_F_BYNAME	0x0080	/* default depends, see its help */
/* Roles whose share has it; none: all. */
#define OPT_F_ROLE(r)	(0x0100u << (r))
#define OPT_F_ROLES	0xff00u
/* OPT_STR and the values of OPT_MAP: may hold a credential, and so live in
 * secret memory. */
#define OPT_F_LOCKED	0x10000
#define OPT_F_WORKER	OPT_F_ROLE(BOARD_WORKER)
#define OPT_F_CHECKER	OPT_F_ROLE(BOARD_CHECKER)
#define OPT_F_RECORDER	OPT_F_ROLE(BOARD_RECORDER)
#define OPT_F_ADMIN	OPT_F_ROLE(BOARD_ADMIN)

struct opt_section;

struct opt {
	const char	*name;
	enum opt_type	 type;
	size_t		 off, off2;
	const char	*def;	/* default as text; NULL: none, or unset */
	const char	*arg;	/* range "1..9" or choices "a|b" */
	const struct opt_section *sub;
	unsigned	 flags;
	const char	*help;
};

struct opt_section {
	const char	*name;
	const struct opt *rows;	/* ends with a row without name */
	size_t		 size;	/* of an item of a list */
	size_t		 file, line;	/* where it was defined; 0: not kept */
};

/* The whole file. */
extern const struct opt_section opt_root;
/* Items of its lists. */
extern const struct opt_section opt_listen, opt_provider, opt_group,
    opt_alias, opt_tier, opt_key, opt_team, opt_price;

/* In the order of enum conf_strategy, conf_dialect and of CONF_API_*. */
extern const char opt_strategies[];
#define OPT_STRATEGIES "priority|weighted|round_robin|balanced|" \
	"latency_first|cost_first|reliability_first|cheapest|least_busy|" \
	"tier_score|prefix_affinity"
#define OPT_DIALECT(id, name, ...) "|" #name
#define OPT_DIALECTS (&("" DIALECTS(OPT_DIALECT))[1])
#define OPT_APIS "chat|responses|embeddings|images|audio|moderations|" \
	"completions|rerank|messages"

/* Text used for lists that no file gives: listen, tiers. */
extern const char opt_default_lists[];

/* The row of that name, or NULL. */
const struct opt *opt_find(const struct opt_section *s, struct str name);
/* The name most like this one (at most two edits, or in another case), or
 * NULL. */
const char *opt_like(const struct opt_section *s, struct str name);
/* Edits between two words, at most 9. */
unsigned opt_distance(struct str a, struct str b);
/* Walk all scalar options that are not in lists; fn gets "client.max_body". */
void opt_each(void (*fn)(void *arg, const char *path, const struct opt *o,
    size_t off), void *arg);

/* What a value was written as. */
enum opt_form { FORM_STRING, FORM_NUMBER, FORM_BOOL, FORM_ENV };

/*
 * Set the field of o in the struct at base from text, or add the text to it
 * when it is a list of strings (opt_is_strs). NULL, or what is wrong with it,
 * ready for a report ("must be a time such as \"10s\""). Strings go to a.
 * Not for secrets, maps, groups and lists of groups.
 */
const char *opt_set(struct arena *a, const struct opt *o, void *base,
    const char *text, enum opt_form form);
/* 1 for the types whose value is a list of strings. */
int opt_is_strs(const struct opt *o);
/* 1 for the types that opt_set sets. */
int opt_is_plain(const struct opt *o);
/* Print the field as it stands in a file, without secrets; 0 when it is unset
 * and left out, else 1. */
int opt_put(const struct opt *o, const void *base, struct buf *b);
/* A quoted string of the file format. */
void opt_put_string(struct buf *b, struct str s);
/* Set every field of a section to its default. */
void opt_defaults(struct arena *a, const struct opt_section *s, void *base);
/* Index of the choice named s in "a|b|c", or -1. */
int opt_choice(const char *choices, struct str s);
/* Name of choice i, without terminator; empty when there is none. */
struct str opt_choice_name(const char *choices, int i);

#endif
