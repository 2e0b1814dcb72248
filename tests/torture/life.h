/* What clients do in the scenarios. */
#ifndef TORTURE_LIFE_H
#define TORTURE_LIFE_H

#include <caws/logs.h>

#include "scenarios.h"

/* Each makes its calls, and notes them as steps. */
void life_call(life *l);
void life_call_with_everything(life *l);
void life_retries(life *l);
void life_exceptions(life *l);
void life_malformed_answers(life *l);
void life_invalid_input(life *l);
void life_get_events(life *l);
void life_call_and_describe(life *l);
void life_pages(life *l);
void life_wait_for_task(life *l);
void life_tail(life *l);
void life_object(life *l);
void life_loop(life *l);
void life_loop_over_tls(life *l);
void life_tail_in_loop(life *l);
void life_event_loop(life *l);

/* A call to that answer of the server. */
void life_call_at(life *l, const char *name);

/* text: what came of it, besides the error; may be NULL. */
void life_note(life *l, const char *what, const caws_error *error, const char *text);

extern const caws_logs_create_export_task_input life_export_input;
extern const caws_logs_start_live_tail_input life_tail_input;

/* It gathers what it is told in text, which has room for LIFE_TEXT. */
caws_logs_start_live_tail_handler life_tail_handler(char *text);

#endif
