/* Explanations as text and as CSV. */
#include "study/explain.h"

#include <string.h>

static const char *clock_of(const jw_explain_request *request)
{
    const char *t = strchr(request->created, 'T');
    return t ? t + 1 : request->created;
}

/* "camera 3" and "vehicle 12" in Chinese; other senders have names. */
static void write_sender(const char *sender, bool is_zh, jw_writer *out)
{
    static const char *const kinds[][2] = {{"camera ", "摄像机 "}, {"vehicle ", "车辆 "}};
    for (uint32_t i = 0; i < JW_COUNT_OF(kinds); i++)
        if (is_zh && strncmp(sender, kinds[i][0], strlen(kinds[i][0])) == 0) {
            jw_write_format(out, "%s%s", kinds[i][1], sender + strlen(kinds[i][0]));
            return;
        }
    jw_write_format(out, "%s", sender);
}

static void write_request(const jw_explain_request *r, bool is_zh, jw_writer *out)
{
    jw_write_format(out, "  %-20s %s  ", r->id, clock_of(r));
    write_sender(r->sender, is_zh, out);
    jw_write_format(out, " -> %s  ", r->site[0] ? r->site : "-");
    if (r->latency_ms < 0)
        jw_write_format(out, is_zh ? "丢失（发送 %lld 次）" : "lost (sent %lld times)", (long long)r->tries);
    else
        jw_write_format(out,
                        is_zh ? "%s %.1f 毫秒 = 之前 %.1f + 上行 %.1f + 计算 %.1f + 下行 %.1f"
                              : "%s %.1f ms = before %.1f + up %.1f + computing %.1f + down %.1f",
                        strcmp(r->outcome, "late") == 0 ? (is_zh ? "迟到" : "late")
                                                        : (is_zh ? "按时" : "in time"),
                        r->latency_ms, r->before_ms, r->up_ms, r->compute_ms, r->down_ms);
    if (r->weight > 1)
        jw_write_format(out, is_zh ? "，代表 %lld 个" : ", one of %lld alike", (long long)r->weight);
    jw_write_format(out, "\n");
}

void jw_explanation_write_text(const jw_explanation *e, bool is_zh, jw_writer *out)
{
    jw_write_format(out, "%s\n", is_zh ? e->zh : e->en);
    for (uint32_t i = 0; i < e->part_count; i++) {
        const jw_explain_part *part = &e->parts[i];
        if (part->value < 5e-5 && part->value > -5e-5)
            continue; /* the table has it */
        jw_write_format(out, "  %*s%+12.4f %-2s %s\n", (int)(4 * part->depth), "", part->value, e->unit,
                        is_zh ? part->zh : part->en);
    }
    if (!e->has_requests) {
        jw_write_format(out, "%s\n", is_zh ? "此处没有保存请求记录。" : "No requests are kept here.");
        return;
    }
    jw_write_format(
        out,
        is_zh ? "相关请求（%u 个，记录共 %lld 个；先丢失，再迟到，后按时；慢者在前）：\n"
              : "Requests behind it (%u of %lld in the log; lost, then late, then in time; slowest first):\n",
        e->request_count, (long long)e->request_total);
    for (uint32_t i = 0; i < e->request_count; i++)
        write_request(&e->requests[i], is_zh, out);
}

static void write_cell(const char *text, jw_writer *out)
{
    jw_write_format(out, "\"");
    for (; *text; text++)
        jw_write_bytes(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    jw_write_format(out, "\"");
}

void jw_explanation_write_csv(const jw_explanation *e, jw_writer *out)
{
    jw_write_format(out,
                    "kind,depth,id,value,unit,sender,site,outcome,created,before_ms,up_ms,compute_ms,down_ms,"
                    "tries,weight\n");
    jw_write_format(out, "figure,,%s,%.17g,%s,,,,,,,,,,\n", e->metric, e->value, e->unit);
    for (uint32_t i = 0; i < e->part_count; i++) {
        jw_write_format(out, "part,%u,", e->parts[i].depth);
        write_cell(e->parts[i].key, out);
        jw_write_format(out, ",%.17g,%s,,,,,,,,,,\n", e->parts[i].value, e->unit);
    }
    for (uint32_t i = 0; i < e->request_count; i++) {
        const jw_explain_request *r = &e->requests[i];
        jw_write_format(out, "request,,");
        write_cell(r->id, out);
        jw_write_format(out, ",%.9g,ms,", r->latency_ms);
        write_cell(r->sender, out);
        jw_write_format(out, ",");
        write_cell(r->site, out);
        jw_write_format(out, ",%s,%s,%.9g,%.9g,%.9g,%.9g,%lld,%lld\n", r->outcome, r->created, r->before_ms,
                        r->up_ms, r->compute_ms, r->down_ms, (long long)r->tries, (long long)r->weight);
    }
}
