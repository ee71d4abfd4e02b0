/*
 * conf_files.c - what a configuration takes from other files: certificates,
 * time zones.
 *
 * Runs in: master.
 * Owns: nothing; texts are wiped when the configuration is freed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "base/fd.h"
#include "conf/load.h"

#define PEM_MAX		(1024 * 1024)
#define ZONES		"/usr/share/zoneinfo"

struct place {
	const void	*field;		/* for the report */
	const char	*option;
	const char	*file;
	int		 line;
};

/* Read a PEM file that must hold mark. */
static struct secret *
read_pem(struct load *l, const struct place *at, const char *path,
    const char *mark)
{
	struct secret *s = NULL;
	int rc;

	if ((rc = secret_from_file(path, PEM_MAX, &s)) != 0)
		load_field(l, CONF_MISTAKE, at->field, at->file, at->line,
		    "%s: cannot read %s: %s", at->option, path,
		    rc == ERR_SYSTEM ? strerror(errno) : err_str(rc));
	else if (str_find(secret_reveal(s), str_of(mark)) < 0 ||
	    str_chr(secret_reveal(s), '\0') >= 0) {
		load_field(l, CONF_MISTAKE, at->field, at->file, at->line,
		    "%s: %s is not a PEM file with a \"%s\" in it",
		    at->option, path, mark);
		secret_free(&s);
	} else
		load_own(l->c->arena, s);
	return s;
}

static void
check_key_mode(struct load *l, const struct place *at, const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && (st.st_mode & (S_IROTH | S_IWOTH)))
		load_field(l, CONF_WARNING, at->field, at->file, at->line,
		    "%s: %s can be read by everybody: chmod 600 %s",
		    at->option, path, path);
}

/* Certificate and key of one place; key NULL: there is none. */
static void
check_pair(struct load *l, const struct place *at, const struct secret *cert,
    const struct secret *key)
{
	const char *why;

	if (cert == NULL)
		return;		/* reported */
	why = crypto_pem_check(secret_reveal(cert), key == NULL ? STR("") :
	    secret_reveal(key));
	if (why != NULL)
		load_field(l, CONF_MISTAKE, at->field, at->file, at->line,
		    "%s: %s", at->option, why);
}

#define CERT_MARK	"-----BEGIN CERTIFICATE-----"
#define KEY_MARK	"PRIVATE KEY-----"

static void
listener_pem(struct load *l, struct conf_listen *li)
{
	struct place at = { &li->tls_certificate, NULL, "", 0 };

	at.option = arena_printf(l->tmp, "listen.%s.tls.certificate",
	    li->address);
	if (li->tls_certificate[0] != '\0')
		li->tls_certificate_pem = read_pem(l, &at,
		    li->tls_certificate, CERT_MARK);
	at.field = &li->tls_key;
	at.option = arena_printf(l->tmp, "listen.%s.tls.key", li->address);
	if (li->tls_key[0] != '\0') {
		li->tls_key_pem = read_pem(l, &at, li->tls_key, KEY_MARK);
		check_key_mode(l, &at, li->tls_key);
	}
	at.option = arena_printf(l->tmp, "listen.%s.tls", li->address);
	check_pair(l, &at, li->tls_certificate_pem, li->tls_key_pem);
}

static struct secret *
provider_file(struct load *l, struct conf_provider *p, const void *field,
    const char *option, const char *path, const char *mark)
{
	struct place at = { field, NULL, p->file, p->line };

	if (path[0] == '\0')
		return NULL;
	at.option = arena_printf(l->tmp, "providers.%s.tls.%s", p->id, option);
	if (strcmp(mark, KEY_MARK) == 0)
		check_key_mode(l, &at, path);
	return read_pem(l, &at, path, mark);
}

static void
provider_pem(struct load *l, struct conf_provider *p)
{
	struct place at = { &p->tls_ca_file, NULL, p->file, p->line };

	p->tls_ca_pem = provider_file(l, p, &p->tls_ca_file, "ca_file",
	    p->tls_ca_file, CERT_MARK);
	p->tls_client_certificate_pem = provider_file(l, p,
	    &p->tls_client_certificate, "client_certificate",
	    p->tls_client_certificate, CERT_MARK);
	p->tls_client_key_pem = provider_file(l, p, &p->tls_client_key,
	    "client_key", p->tls_client_key, KEY_MARK);
	at.option = arena_printf(l->tmp, "providers.%s.tls.ca_file", p->id);
	check_pair(l, &at, p->tls_ca_pem, NULL);
	at.field = &p->tls_client_certificate;
	at.option = arena_printf(l->tmp, "providers.%s.tls", p->id);
	check_pair(l, &at, p->tls_client_certificate_pem,
	    p->tls_client_key_pem);
}

int
load_zone_is_known(struct load *l, const char *zone)
{
	char path[256];

	if (zone[0] == '\0' || zone[0] == '/' || strstr(zone, "..") != NULL ||
	    strlen(zone) > 100 || strspn(zone, "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/") != strlen(zone))
		return 0;
	if (!l->from->resolve || strcmp(zone, "UTC") == 0)
		return 1;
	snprintf(path, sizeof(path), ZONES "/%s", zone);
	return access(path, R_OK) == 0;
}

/* First instant after a day, in a zone; the process's zone is put back. */
static int64_t
day_end(struct load *l, const char *day)
{
	const char *zone = l->c->timezone;
	struct tm tm = { 0 };
	char *old;
	time_t t;

	if (sscanf(day, "%4d-%2d-%2d", &tm.tm_year, &tm.tm_mon,
	    &tm.tm_mday) != 3)
		return 0;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	tm.tm_mday++;
	tm.tm_isdst = -1;
	if (!l->from->resolve || strcmp(zone, "UTC") == 0)
		return (int64_t)timegm(&tm) * 1000000;
	old = getenv("TZ") == NULL ? NULL : arena_strdup(l->tmp, getenv("TZ"));
	setenv("TZ", zone, 1);
	tzset();
	t = mktime(&tm);
	if (old == NULL)
		unsetenv("TZ");
	else
		setenv("TZ", old, 1);
	tzset();
	return (int64_t)t * 1000000;
}

void
load_finish_files(struct load *l)
{
	struct conf *c = l->c;
	unsigned i;

	if (!load_zone_is_known(l, c->timezone)) {
		load_field(l, CONF_MISTAKE, &c->timezone, "", 0,
		    "timezone is \"%s\": there is no such zone in " ZONES,
		    c->timezone);
		c->timezone = "UTC";
	}
	for (i = 0; i < c->n_keys; i++)
		if (c->keys[i].expires_day[0] != '\0')
			c->keys[i].expires = day_end(l,
			    c->keys[i].expires_day);
	if (!l->from->resolve)
		return;
	for (i = 0; i < c->n_listen; i++)
		listener_pem(l, &c->listen[i]);
	for (i = 0; i < c->n_providers; i++)
		provider_pem(l, &c->providers[i]);
}
