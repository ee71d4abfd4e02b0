/*
 * report.h - say something into a report, for the conf layer.
 */
#ifndef CONF_REPORT_H
#define CONF_REPORT_H

#include <stdarg.h>

#include "conf/conf.h"

/* Add a problem; makes the report's arena when there is none yet. */
void conf_report_say(struct conf_report *r, enum conf_severity sev,
    const char *file, int line, const char *fmt, va_list ap)
    __attribute__((format(printf, 5, 0)));

#endif
