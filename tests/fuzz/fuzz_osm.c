/* The OpenStreetMap reader on arbitrary bytes: XML, gzip and PBF, told apart by the reader itself. */
#include "city/city.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    jw_draft draft = {0};
    jw_problems problems = {0};
    jw_error error = {0};
    jw_result result = jw_read_osm_bytes(bytes, size, "fuzz.osm", &draft, &problems, &error);
    if (result != JW_OK && !error.message[0])
        abort(); /* a failure without a word */
    if (result == JW_OK && draft.road_count == 0)
        abort(); /* a map without roads is to be refused */
    for (uint32_t i = 0; i < draft.ref_count; i++)
        if (draft.refs[i] >= draft.node_count)
            abort();
    jw_problems_free(&problems);
    jw_draft_free(&draft);
    if (jw_allocated_bytes() != 0)
        abort();
    return 0;
}
