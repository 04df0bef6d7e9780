/* Ids of SUMO's files as dense numbers, what is missing, and the attributes of elements. */
#include "city/sumo_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- names ---- */

static uint32_t slot_of(const jw_sumo_names *names, const char *text, size_t size)
{
    uint32_t mask = names->slot_count - 1;
    uint32_t at = (uint32_t)jw_hash_bytes(0, text, size) & mask;
    for (; names->slots[at]; at = (at + 1) & mask) {
        const char *other = jw_sumo_name(names, names->slots[at] - 1);
        if (strncmp(other, text, size) == 0 && other[size] == '\0')
            break;
    }
    return at;
}

uint32_t jw_sumo_names_find(const jw_sumo_names *names, const char *text, size_t size)
{
    return names->slot_count ? names->slots[slot_of(names, text, size)] - 1 : JW_NONE;
}

static jw_result grow_slots(jw_sumo_names *names, jw_error *error)
{
    uint32_t *old = names->slots, old_count = names->slot_count;
    if (old_count > (UINT32_C(1) << 30))
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "more than %u ids of one kind", old_count);
    uint32_t count = old_count ? 2 * old_count : 64;
    names->slots = jw_alloc(count * sizeof *names->slots);
    if (!names->slots) {
        names->slots = old;
        return jw_fail_memory(error);
    }
    names->slot_count = count;
    for (uint32_t i = 0; i < names->count; i++) {
        const char *text = jw_sumo_name(names, i);
        names->slots[slot_of(names, text, strlen(text))] = i + 1;
    }
    jw_free(old);
    return JW_OK;
}

jw_result jw_sumo_names_add(jw_sumo_names *names, const char *text, uint32_t *out, jw_error *error)
{
    size_t size = strlen(text);
    jw_result result = JW_OK;
    if (2 * (uint64_t)names->count + 2 > names->slot_count)
        result = grow_slots(names, error);
    if (result != JW_OK)
        return result;
    uint32_t at = slot_of(names, text, size);
    if (names->slots[at]) {
        *out = names->slots[at] - 1;
        return JW_OK;
    }
    if ((uint64_t)names->text_size + size + 1 >= JW_NONE)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "ids take more than 4 GB");
    result = jw_grow(&names->texts, &names->text_capacity, (uint64_t)names->text_size + size + 1, 1, error);
    if (result == JW_OK)
        result = jw_grow(&names->offsets, &names->capacity, (uint64_t)names->count + 1,
                         sizeof *names->offsets, error);
    if (result != JW_OK)
        return result;
    memcpy(names->texts + names->text_size, text, size + 1);
    names->offsets[names->count] = names->text_size;
    names->text_size += (uint32_t)size + 1;
    *out = names->count++;
    names->slots[at] = *out + 1;
    return JW_OK;
}

void jw_sumo_names_free(jw_sumo_names *names)
{
    jw_free(names->texts);
    jw_free(names->offsets);
    jw_free(names->slots);
    *names = (jw_sumo_names){0};
}

/* ---- what is missing ---- */

static jw_result note(jw_sumo_missing *missing, const jw_sumo_missing_item *item, jw_error *error)
{
    for (uint32_t i = 0; i < missing->count; i++)
        if (strcmp(missing->items[i].what, item->what) == 0) {
            missing->items[i].count += item->count;
            return JW_OK;
        }
    /* A file that makes up names without end fills the last line. */
    if (missing->count == JW_SUMO_MISSING_MAX) {
        jw_sumo_missing_item *last = &missing->items[missing->count - 1];
        jw_text_copy(last->what, sizeof last->what, "other things of yet other names");
        last->count += item->count;
        return JW_OK;
    }
    jw_result result = jw_grow(&missing->items, &missing->capacity, (uint64_t)missing->count + 1,
                               sizeof *missing->items, error);
    if (result == JW_OK)
        missing->items[missing->count++] = *item;
    return result;
}

jw_result jw_sumo_note_missing(jw_sumo_missing *missing, jw_error *error, const char *format, ...)
{
    jw_sumo_missing_item item = {.count = 1};
    va_list arguments;
    va_start(arguments, format);
    jw_text_format_list(item.what, sizeof item.what, format, arguments);
    va_end(arguments);
    return note(missing, &item, error);
}

jw_result jw_sumo_missing_add(jw_sumo_missing *missing, const jw_sumo_missing *from, jw_error *error)
{
    jw_result result = JW_OK;
    for (uint32_t i = 0; i < from->count && result == JW_OK; i++)
        result = note(missing, &from->items[i], error);
    return result;
}

void jw_sumo_missing_free(jw_sumo_missing *missing)
{
    jw_free(missing->items);
    *missing = (jw_sumo_missing){0};
}

/* ---- attributes ---- */

const char *jw_sumo_attribute(const jw_sumo_reader *r, const char *name)
{
    return jw_xml_attribute(r->attributes, name);
}

void jw_sumo_problem(const jw_sumo_reader *r, const char *format, ...)
{
    char message[256], element[64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    const char *id = jw_sumo_attribute(r, "id");
    snprintf(element, sizeof element, "%.20s%s%.40s", r->element, id ? " " : "", id ? id : "");
    jw_problems_add(r->problems, JW_PROBLEM, r->name, jw_xml_line(r->xml), element, "%s", message);
}

bool jw_sumo_number(const jw_sumo_reader *r, const char *name, double low, double high, double fallback,
                    double *out)
{
    const char *text = jw_sumo_attribute(r, name);
    *out = fallback;
    if (!text)
        return true;
    double value;
    if (jw_text_to_number(text, &value) && value >= low && value <= high) {
        *out = value;
        return true;
    }
    jw_sumo_problem(r, "%.40s=\"%.40s\" is no number of %g to %g", name, text, low, high);
    return false;
}

bool jw_sumo_parse_time(const char *text, double *out_s)
{
    static const double parts_s[] = {86400, 3600, 60, 1};
    double fields[4], sum_s = 0;
    uint32_t count = 0;
    if (!strchr(text, ':'))
        return jw_text_to_number(text, out_s);
    for (;; text++) {
        char field[32];
        size_t size = strcspn(text, ":");
        if (size >= sizeof field || count == JW_COUNT_OF(fields))
            return false;
        memcpy(field, text, size);
        field[size] = '\0';
        if (!jw_text_to_number(field, &fields[count]) || fields[count] < 0)
            return false;
        count++;
        text += size;
        if (!*text)
            break;
    }
    if (count < 3)
        return false;
    for (uint32_t i = 0; i < count; i++)
        sum_s += fields[i] * parts_s[JW_COUNT_OF(parts_s) - count + i];
    *out_s = sum_s;
    return true;
}

bool jw_sumo_time(const jw_sumo_reader *r, const char *name, double fallback, double *out_s)
{
    const char *text = jw_sumo_attribute(r, name);
    *out_s = fallback;
    if (!text)
        return true;
    double value;
    if (jw_sumo_parse_time(text, &value) && value >= -1e9 && value <= 1e9) {
        *out_s = value;
        return true;
    }
    jw_sumo_problem(r, "%.40s=\"%.40s\" is no time: write seconds or h:mm:ss", name, text);
    return false;
}

jw_result jw_sumo_note_others(const jw_sumo_reader *r, const char *what, const char *const *known,
                              uint32_t known_count)
{
    for (const char **at = r->attributes; at[0]; at += 2) {
        bool is_known = false;
        for (uint32_t i = 0; i < known_count && !is_known; i++)
            is_known = known[i][0] == at[0][0] && strcmp(known[i], at[0]) == 0;
        jw_result result =
            is_known ? JW_OK : jw_sumo_note_missing(r->missing, r->error, "%s attribute %.30s", what, at[0]);
        if (result != JW_OK)
            return result;
    }
    return JW_OK;
}

/* ---- files ---- */

jw_result jw_sumo_parse_source(jw_source *source, const jw_xml_def *def, jw_error *error)
{
    uint8_t head[65] = {0};
    size_t got;
    jw_result result = jw_source_peek(source, head, sizeof head - 1, &got, error);
    if (result != JW_OK)
        return result;
    if (got == 0)
        return jw_fail(error, JW_ERROR_INPUT, source->name, 0,
                       "the file is empty; make it again with SUMO's netconvert, netedit or duarouter");
    bool is_gzip = head[0] == 0x1F && head[1] == 0x8B;
    size_t at = memcmp(head, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    while (at < got && head[at] && strchr(" \t\r\n", head[at]))
        at++;
    if (!is_gzip && head[at] != '<')
        return jw_fail(error, JW_ERROR_INPUT, source->name, 0,
                       "this is neither XML nor gzipped XML: not a file of SUMO's");
    return jw_xml_read(source, is_gzip, def, error);
}

jw_result jw_sumo_parse_file(const char *path, const char *what, jw_progress progress, void *progress_context,
                             const jw_xml_def *def, jw_error *error)
{
    jw_source source = {.what = what, .share = 1, .progress = progress, .progress_context = progress_context};
    jw_result result = jw_source_open(&source, path, error);
    if (result == JW_OK)
        result = jw_sumo_parse_source(&source, def, error);
    jw_source_close(&source);
    return result;
}
