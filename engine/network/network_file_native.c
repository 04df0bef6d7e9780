/* SNDlib's native format 1.0: sections "NODES ( ... )" and "LINKS ( ... )", a thing a line, words set apart
 * by blanks: node ( longitude latitude ) link ( source target ) installed cost routing setup ( capacity cost
 * capacity cost ... ) Capacities are in Mbit/s, as its instances mean them: the installed one, else the first
 * module on offer. */
#include "network/network_topology_reader.h"

#include <string.h>

enum { WORDS_MAX = 64 };

/* Splits in place; brackets are words of their own. */
static uint32_t split(char *line, const char *words[WORDS_MAX], char brackets[WORDS_MAX][2])
{
    uint32_t count = 0;
    while (*line && count < WORDS_MAX) {
        if (strchr(" \t\r", *line)) {
            *line++ = 0;
        } else if (*line == '(' || *line == ')') {
            brackets[count][0] = *line;
            brackets[count][1] = 0;
            words[count] = brackets[count];
            count++;
            *line++ = 0;
        } else {
            words[count++] = line;
            line += strcspn(line, " \t\r()");
        }
    }
    return count;
}

static bool is_word(const char *word, const char *wanted)
{
    return strcmp(word, wanted) == 0;
}

static jw_result read_node(net_topology_reader *reader, const char **words, uint32_t count, int line)
{
    net_read_node node = {.id = words[0], .name = words[0]};
    bool is_sound = count == 1;
    if (count == 5 && is_word(words[1], "(") && is_word(words[4], ")")) {
        node.has_place = true;
        is_sound =
            jw_text_to_number(words[2], &node.longitude) && jw_text_to_number(words[3], &node.latitude);
    }
    return is_sound ? jw_topology_add_node(reader, &node, line)
                    : jw_fail(reader->error, JW_ERROR_INPUT, reader->name, line,
                              "a node is \"name ( longitude latitude )\"");
}

static jw_result read_link(net_topology_reader *reader, const char **words, uint32_t count, int line)
{
    bool is_sound = count >= 5 && is_word(words[1], "(") && is_word(words[4], ")");
    net_read_link link = {.from = is_sound ? words[2] : NULL, .to = is_sound ? words[3] : NULL};
    double installed = 0, module = 0;
    if (is_sound && count > 5)
        is_sound = jw_text_to_number(words[5], &installed);
    if (is_sound && count > 11 && is_word(words[9], "(") && !is_word(words[10], "UNLIMITED"))
        is_sound = jw_text_to_number(words[10], &module);
    if (!is_sound)
        return jw_fail(
            reader->error, JW_ERROR_INPUT, reader->name, line,
            "a link is \"name ( source target ) installed cost routing setup ( capacity cost ... )\"");
    link.has_capacity = installed != 0 || module != 0;
    link.capacity_bps = 1e6 * (installed != 0 ? installed : module);
    return jw_topology_add_link(reader, &link, line);
}

jw_result jw_topology_read_native(net_topology_reader *reader, char *text)
{
    enum { OUTSIDE, NODES, LINKS, OTHER } section = OUTSIDE;
    int line = 0;
    jw_result result = JW_OK;
    for (char *next; text && !result; text = next) {
        line++;
        next = strchr(text, '\n');
        if (next)
            *next++ = 0;
        text[strcspn(text, "#")] = 0;
        const char *words[WORDS_MAX];
        char brackets[WORDS_MAX][2];
        uint32_t count = text[0] == '?' ? 0 : split(text, words, brackets);
        if (count == 0)
            continue;
        if (section != OUTSIDE && is_word(words[0], ")"))
            section = OUTSIDE;
        else if (section == NODES)
            result = read_node(reader, words, count, line);
        else if (section == LINKS)
            result = read_link(reader, words, count, line);
        else if (section == OUTSIDE && count == 3 && is_word(words[1], "(") && is_word(words[2], ")"))
            continue; /* nothing in it */
        else if (section == OUTSIDE && count >= 2 && is_word(words[1], "("))
            section = is_word(words[0], "NODES") ? NODES : is_word(words[0], "LINKS") ? LINKS : OTHER;
        else if (section == OUTSIDE)
            result = jw_fail(reader->error, JW_ERROR_INPUT, reader->name, line,
                             "\"%.31s\" is not the beginning of a section", words[0]);
    }
    if (!result && section != OUTSIDE)
        result = jw_fail(reader->error, JW_ERROR_CORRUPT, reader->name, line,
                         "the last section does not end: the file is cut");
    return result;
}
