/* Porting: a team of engineers brings services to other cards, one after the other. Days are of the calendar,
 * of which WORKING_SHARE is worked. The list of portings is the ledger. */
#include "ai/ai_internal.h"

#include <string.h>

#define DAY_NS   86400e9
#define DAYS_MAX 36500.0 /* of the calendar: what would be done later is refused */

jw_result jw_ai_port(jw_world *world, jw_ai *ai, const char *service, const char *card, double person_days,
                     uint32_t engineers, jw_error *error)
{
    port_book *book = &ai->ports_made;
    if (!(person_days >= 0 && person_days <= 1e6) || engineers < 1 || engineers > 10000)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "port_service: 0 to 1e6 person-days by 1 to 10,000 engineers, not %g by %u",
                       person_days, engineers);
    for (uint32_t i = 0; i < book->count; i++)
        if (strcmp(book->items[i].service, service) == 0 && strcmp(book->items[i].card, card) == 0)
            return book->items[i].is_done
                       ? jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                                 "port_service: \"%s\" is ported to \"%s\" already", service, card)
                       : jw_fail(error, JW_ERROR_EXISTS, NULL, 0,
                                 "port_service: \"%s\" is being ported to \"%s\" already", service, card);
    int64_t begin_ns = supply_calendar_ns(world, &ai->supply);
    for (uint32_t i = 0; i < book->count; i++)
        if (book->items[i].due_ns > begin_ns)
            begin_ns = book->items[i].due_ns;
    double days = person_days / engineers / WORKING_SHARE;
    if ((double)begin_ns / DAY_NS + days > DAYS_MAX)
        return jw_fail(error, JW_ERROR_STATE, NULL, 0, "port_service: it would be done after 100 years only");
    jw_result result = jw_grow(&book->items, &book->capacity, book->count + 1ull, sizeof *book->items, error);
    if (result != JW_OK)
        return result;
    porting *fresh = &book->items[book->count++];
    *fresh = (porting){.person_days = person_days, .due_ns = begin_ns + (int64_t)(days * DAY_NS)};
    jw_text_copy(fresh->service, sizeof fresh->service, service);
    jw_text_copy(fresh->card, sizeof fresh->card, card);
    port_schedule(world, ai);
    return JW_OK;
}

/* All that is due by the calendar is done; a pending event for a time that has changed does nothing more. */
void port_event(jw_world *world, jw_ai *ai)
{
    port_book *book = &ai->ports_made;
    for (uint32_t i = 0; i < book->count; i++) {
        porting *p = &book->items[i];
        if (p->is_done || p->due_ns > supply_calendar_ns(world, &ai->supply))
            continue;
        p->is_done = 1;
        if (ai->ports.ported)
            ai->ports.ported(world, p->service, p->card);
    }
}

/* Of everything that is still to come: the calendar may have moved. */
void port_schedule(jw_world *world, const jw_ai *ai)
{
    const port_book *book = &ai->ports_made;
    for (uint32_t i = 0; i < book->count; i++)
        if (!book->items[i].is_done)
            jw_schedule(world, book->items[i].due_ns - ai->supply.passed_ns, JW_PRIORITY_NORMAL, ai->module,
                        EVENT_PORTED, 0, 0);
}

double port_days(const port_book *book)
{
    double days = 0;
    for (uint32_t i = 0; i < book->count; i++)
        if (book->items[i].is_done)
            days += book->items[i].person_days;
    return days;
}

void port_save(const port_book *book, jw_writer *writer)
{
    jw_write_u32(writer, book->count);
    for (uint32_t i = 0; i < book->count; i++) {
        jw_write_text(writer, book->items[i].service);
        jw_write_text(writer, book->items[i].card);
        jw_write_f64(writer, book->items[i].person_days);
        jw_write_i64(writer, book->items[i].due_ns);
        jw_write_u8(writer, book->items[i].is_done);
    }
}

void port_load(port_book *book, jw_reader *reader)
{
    uint32_t count = jw_read_count(reader, 1000000, 25);
    if (!reader->failed && jw_grow(&book->items, &book->capacity, count, sizeof *book->items, NULL) != JW_OK)
        jw_reader_fail_memory(reader);
    for (; book->count < count && !reader->failed; book->count++) {
        porting *p = &book->items[book->count];
        jw_read_text(reader, p->service, sizeof p->service);
        jw_read_text(reader, p->card, sizeof p->card);
        p->person_days = jw_read_f64(reader);
        p->due_ns = jw_read_i64(reader);
        p->is_done = jw_read_u8(reader);
        if (!(p->person_days >= 0 && p->person_days <= 1e6) || p->due_ns < 0 || p->is_done > 1)
            jw_reader_fail(reader, "porting %u is out of range", book->count);
    }
}
