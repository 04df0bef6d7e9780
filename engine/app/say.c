/* What the command says in the user's language. */
#include "app/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One process, one language, set before anything else happens. */
static struct {
    char language[8];
    jw_phrases phrases;
} said;

const char *app_language(void)
{
    return said.language;
}

void app_say_in(const char *language)
{
    app_say_end();
    jw_text_copy(said.language, sizeof said.language, language);
    jw_phrases_read(&said.phrases, language, NULL); /* what cannot be read stays English */
}

static void say_line(void *context, jw_log_level level, const char *line)
{
    static const char *const kinds[] = {"", "warning", "error"};
    (void)context;
    char text[1024];
    jw_phrases_say(&said.phrases, line, text, sizeof text);
    if (level == JW_LOG_INFO)
        fprintf(stderr, app_say("jingwei: %s\n"), text);
    else
        fprintf(stderr, app_say("jingwei: %s: %s\n"), app_say(kinds[level]), text);
}

void app_say_begin(void)
{
    const char *language = getenv("LC_ALL");
    if (!language || !*language)
        language = getenv("LC_MESSAGES");
    if (!language || !*language)
        language = getenv("LANG");
    app_say_in(language && strncmp(language, "zh", 2) == 0 ? "zh" : "en");
    jw_log_to(say_line, NULL);
}

void app_say_end(void)
{
    jw_phrases_free(&said.phrases);
    memset(&said, 0, sizeof said);
}

const char *app_say(const char *english)
{
    return jw_phrases_find(&said.phrases, english);
}

const char *app_say_message(const char *message, char *out, size_t out_size)
{
    jw_phrases_say(&said.phrases, message, out, out_size);
    return out;
}

const char *app_say_label(const jw_label *label)
{
    return strcmp(said.language, "zh") == 0 && label->zh[0] ? label->zh : label->en;
}

void app_print_columns(const char *text, int columns)
{
    int more =
        0; /* bytes than columns: printf counts bytes; of three bytes are characters two columns wide */
    for (const char *at = text; *at; at++)
        more += ((unsigned char)*at & 0xe0) == 0xc0 || ((unsigned char)*at & 0xf0) == 0xe0;
    printf("%*s", columns < 0 ? columns - more : columns + more, text);
}

void app_print_cell(const char *english, int columns)
{
    char text[256];
    app_print_columns(app_say_message(english, text, sizeof text), columns);
}

void app_say_error(const jw_error *error, char *out, size_t out_size)
{
    jw_phrases_say_error(&said.phrases, error, out, out_size);
}
