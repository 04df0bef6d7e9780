/* Route and additional files: what stands in them, element by element. */
#include "city/sumo_internal.h"

#include <stdio.h>
#include <string.h>

/* ---- texts and ids ----------------------------------------------------------------------------------- */

jw_result jw_sumo_add_text(jw_sumo_demand *demand, const char *text, uint32_t *out, jw_error *error)
{
    if (!demand->lookup) {
        demand->lookup = jw_alloc(sizeof *demand->lookup);
        if (!demand->lookup)
            return jw_fail_memory(error);
    }
    jw_result result = JW_OK;
    if (demand->lookup->names.count == 0) /* number 0 is "" */
        result = jw_sumo_names_add(&demand->lookup->names, "", out, error);
    return result == JW_OK ? jw_sumo_names_add(&demand->lookup->names, text, out, error) : result;
}

jw_result jw_sumo_add_attribute(const jw_sumo_reader *r, jw_sumo_demand *demand, const char *name,
                                uint32_t *out)
{
    const char *text = jw_sumo_attribute(r, name);
    return jw_sumo_add_text(demand, text ? text : "", out, r->error);
}

static uint64_t key_of(jw_sumo_kind kind, uint32_t id)
{
    return (uint64_t)kind << 32 | id;
}

jw_result jw_sumo_add_id(const jw_sumo_reader *r, jw_sumo_demand *demand, jw_sumo_kind kind, uint32_t index,
                         uint32_t *out)
{
    jw_result result = jw_sumo_add_attribute(r, demand, "id", out);
    if (result != JW_OK)
        return result;
    if (*out == 0) {
        jw_sumo_problem(r, "it has no id: left out");
        return JW_OK;
    }
    if (jw_map_get(&demand->lookup->of_kind, key_of(kind, *out)) != JW_NONE) {
        jw_sumo_problem(r, "a second one of this id: the first counts");
        *out = 0;
        return JW_OK;
    }
    return jw_map_set(&demand->lookup->of_kind, key_of(kind, *out), index) ? JW_OK : jw_fail_memory(r->error);
}

static uint32_t find(const jw_sumo_demand *demand, jw_sumo_kind kind, uint32_t id)
{
    return demand->lookup && id && id != JW_NONE ? jw_map_get(&demand->lookup->of_kind, key_of(kind, id))
                                                 : JW_NONE;
}

uint32_t jw_sumo_find_type(const jw_sumo_demand *demand, uint32_t id)
{
    return find(demand, JW_SUMO_KIND_TYPE, id);
}

uint32_t jw_sumo_find_type_distribution(const jw_sumo_demand *demand, uint32_t id)
{
    return find(demand, JW_SUMO_KIND_TYPES, id);
}

uint32_t jw_sumo_find_route(const jw_sumo_demand *demand, uint32_t id)
{
    return find(demand, JW_SUMO_KIND_ROUTE, id);
}

uint32_t jw_sumo_find_route_distribution(const jw_sumo_demand *demand, uint32_t id)
{
    return find(demand, JW_SUMO_KIND_ROUTES, id);
}

uint32_t jw_sumo_find_zone(const jw_sumo_demand *demand, uint32_t id)
{
    return find(demand, JW_SUMO_KIND_ZONE, id);
}

uint32_t jw_sumo_find_bus_stop(const jw_sumo_demand *demand, uint32_t id)
{
    return find(demand, JW_SUMO_KIND_STOP_PLACE, id);
}

const char *jw_sumo_text(const jw_sumo_demand *demand, uint32_t number)
{
    return demand->lookup ? jw_sumo_name(&demand->lookup->names, number) : "";
}

uint32_t jw_sumo_text_count(const jw_sumo_demand *demand)
{
    return demand->lookup ? demand->lookup->names.count : 0;
}

uint32_t jw_sumo_find_text(const jw_sumo_demand *demand, const char *text)
{
    return demand->lookup ? jw_sumo_names_find(&demand->lookup->names, text, strlen(text)) : JW_NONE;
}

void jw_sumo_vehicle_name(const jw_sumo_demand *demand, uint64_t tag, char *out, size_t out_size)
{
    uint64_t entity = tag >> 32;
    if (entity == 0 || entity > demand->vehicle_count) {
        snprintf(out, out_size, "%llu", (unsigned long long)tag);
        return;
    }
    const jw_sumo_vehicle *v = &demand->vehicles[entity - 1];
    const char *id = jw_sumo_text(demand, v->id);
    if (v->count != 1 || v->period_s > 0 || v->probability > 0)
        snprintf(out, out_size, "%s.%u", id, (unsigned)(tag & UINT32_MAX));
    else
        snprintf(out, out_size, "%s", id);
}

void jw_sumo_demand_free(jw_sumo_demand *demand)
{
    if (demand->lookup) {
        jw_sumo_names_free(&demand->lookup->names);
        jw_map_free(&demand->lookup->of_kind);
        jw_free(demand->lookup);
    }
#define X(type, items, count) jw_free(demand->items);
    JW_SUMO_DEMAND_ARRAYS(X)
#undef X
    jw_sumo_missing_free(&demand->missing);
    *demand = (jw_sumo_demand){0};
}

/* ---- additional things ------------------------------------------------------------------------------- */

static jw_result read_bus_stop(jw_sumo_demand_reader *d)
{
    static const char *const known[] = {"id",     "lane",        "name",  "startPos",
                                        "endPos", "friendlyPos", "color", "lines"};
    jw_sumo_demand *demand = d->demand;
    jw_sumo_bus_stop stop = {0};
    jw_result result = JW_SUMO_ROOM(demand, bus_stops, bus_stop_count, 1, d->r.error);
    if (!jw_sumo_number(&d->r, "startPos", -1e6, 1e6, -JW_SUMO_TO_END, &stop.begin_m) ||
        !jw_sumo_number(&d->r, "endPos", -1e6, 1e6, JW_SUMO_TO_END, &stop.end_m))
        return result;
    if (result == JW_OK)
        result = jw_sumo_add_id(&d->r, demand, JW_SUMO_KIND_STOP_PLACE, demand->bus_stop_count, &stop.id);
    if (result == JW_OK)
        result = jw_sumo_add_attribute(&d->r, demand, "lane", &stop.lane);
    if (result == JW_OK)
        result = jw_sumo_add_attribute(&d->r, demand, "name", &stop.name);
    if (result == JW_OK)
        result = jw_sumo_note_others(&d->r, "busStop", known, JW_COUNT_OF(known));
    if (result == JW_OK && stop.id)
        demand->bus_stops[demand->bus_stop_count++] = stop;
    return result;
}

static jw_result add_folder(jw_sumo_demand_reader *d, uint32_t *out)
{
    char folder[JW_SUMO_PATH_SIZE];
    const char *slash = d->r.name ? strrchr(d->r.name, '/') : NULL;
    size_t size = slash ? (size_t)(slash - d->r.name) + 2 : 1;
    jw_text_copy(folder, size < sizeof folder ? size : sizeof folder, d->r.name ? d->r.name : "");
    return jw_sumo_add_text(d->demand, folder, out, d->r.error);
}

jw_result jw_sumo_add_source(const jw_sumo_demand_reader *d, uint32_t *out)
{
    return jw_sumo_add_text(d->demand, d->r.name ? d->r.name : "", out, d->r.error);
}

static jw_result read_detector(jw_sumo_demand_reader *d, bool is_loop)
{
    static const char *const known[] = {"id",   "lane", "pos",  "endPos", "length",
                                        "file", "freq", "name", "period", "friendlyPos"};
    jw_sumo_demand *demand = d->demand;
    jw_sumo_detector detector = {.line = jw_xml_line(d->r.xml)};
    double length_m;
    jw_result result = JW_SUMO_ROOM(demand, detectors, detector_count, 1, d->r.error);
    bool is_fine =
        jw_sumo_number(&d->r, "pos", -1e6, 1e6, 0, &detector.position_m) &&
        jw_sumo_number(&d->r, "length", 0, 1e6, -1, &length_m) &&
        jw_sumo_number(&d->r, "endPos", -1e6, 1e6,
                       length_m >= 0 ? detector.position_m + length_m : JW_SUMO_TO_END, &detector.end_m) &&
        jw_sumo_time(&d->r, "freq", -1, &detector.period_s) &&
        jw_sumo_time(&d->r, "period", detector.period_s, &detector.period_s);
    if (!is_fine)
        return result;
    if (is_loop)
        detector.end_m = detector.position_m;
    if (result == JW_OK)
        result = jw_sumo_add_id(&d->r, demand, JW_SUMO_KIND_DETECTOR, demand->detector_count, &detector.id);
    if (result == JW_OK)
        result = jw_sumo_add_attribute(&d->r, demand, "lane", &detector.lane);
    if (result == JW_OK)
        result = jw_sumo_add_attribute(&d->r, demand, "file", &detector.file);
    if (result == JW_OK)
        result = add_folder(d, &detector.folder);
    if (result == JW_OK)
        result = jw_sumo_add_source(d, &detector.source);
    if (result == JW_OK)
        result = jw_sumo_note_others(&d->r, "detector", known, JW_COUNT_OF(known));
    if (result == JW_OK && detector.id)
        demand->detectors[demand->detector_count++] = detector;
    return result;
}

/* An edge of the open zone; its weight is that of a draw. */
static jw_result add_zone_end(jw_sumo_demand_reader *d, const char *edge, bool is_source, bool is_sink,
                              double weight)
{
    jw_sumo_demand *demand = d->demand;
    jw_sumo_zone_end end = {.is_source = is_source, .is_sink = is_sink, .weight = weight};
    jw_result result = JW_SUMO_ROOM(demand, zone_ends, zone_end_count, 1, d->r.error);
    if (result == JW_OK)
        result = jw_sumo_add_text(demand, edge, &end.edge, d->r.error);
    if (result != JW_OK)
        return result;
    demand->zone_ends[demand->zone_end_count++] = end;
    demand->zones[d->zone].end_count++;
    return JW_OK;
}

static jw_result begin_zone(jw_sumo_demand_reader *d)
{
    static const char *const known[] = {"id", "edges", "shape", "color", "name", "fill", "center"};
    jw_sumo_demand *demand = d->demand;
    jw_sumo_zone zone = {.first_end = demand->zone_end_count};
    jw_result result = JW_SUMO_ROOM(demand, zones, zone_count, 1, d->r.error);
    if (result == JW_OK)
        result = jw_sumo_note_others(&d->r, "taz", known, JW_COUNT_OF(known));
    if (result == JW_OK)
        result = jw_sumo_add_id(&d->r, demand, JW_SUMO_KIND_ZONE, demand->zone_count, &zone.id);
    if (result != JW_OK || zone.id == 0)
        return result;
    d->zone = demand->zone_count;
    demand->zones[demand->zone_count++] = zone;
    const char *edges = jw_sumo_attribute(&d->r, "edges");
    while (edges && *edges && result == JW_OK) {
        char id[512];
        edges += strspn(edges, " \t\r\n,");
        size_t size = strcspn(edges, " \t\r\n,");
        if (size == 0 || size >= sizeof id)
            break;
        memcpy(id, edges, size);
        id[size] = '\0';
        edges += size;
        result = add_zone_end(d, id, true, true, 1);
    }
    return result;
}

static jw_result read_zone_end(jw_sumo_demand_reader *d, bool is_source)
{
    const char *edge = jw_sumo_attribute(&d->r, "id");
    double weight;
    if (!edge || !*edge) {
        jw_sumo_problem(&d->r, "it has no id of an edge: left out");
        return JW_OK;
    }
    if (!jw_sumo_number(&d->r, "weight", 0, 1e12, 1, &weight))
        return JW_OK;
    return add_zone_end(d, edge, is_source, !is_source, weight);
}

/* ---- relations between zones -------------------------------------------------------------------------
 * What SUMO's od2trips reads: so many in an interval of time, here evenly spaced. */

static jw_result begin_interval(jw_sumo_demand_reader *d)
{
    d->is_in_interval = jw_sumo_time(&d->r, "begin", 0, &d->interval_begin_s) &&
                        jw_sumo_time(&d->r, "end", -1, &d->interval_end_s);
    if (d->is_in_interval && d->interval_end_s <= d->interval_begin_s) {
        jw_sumo_problem(&d->r, "an interval that ends before it begins: left out");
        d->is_in_interval = false;
    }
    return jw_sumo_add_attribute(&d->r, d->demand, "id", &d->interval_type);
}

/* A flow named after its line: several relations may join the same zones. */
static jw_result read_relation(jw_sumo_demand_reader *d)
{
    static const char *const known[] = {"from", "to", "count"};
    const char *from = jw_sumo_attribute(&d->r, "from"), *to = jw_sumo_attribute(&d->r, "to");
    jw_sumo_demand *demand = d->demand;
    jw_sumo_vehicle v = {.own_route = JW_NONE,
                         .first_stop = demand->stop_count,
                         .depart_s = d->interval_begin_s,
                         .end_s = d->interval_end_s,
                         .arrival_pos_m = JW_SUMO_TO_END,
                         .depart_lane = JW_SUMO_LANE_FREE,
                         .depart_speed = JW_SUMO_SPEED_MAX,
                         .line = jw_xml_line(d->r.xml)};
    double count;
    if (!jw_sumo_number(&d->r, "count", 0, 1e9, 0, &count))
        return JW_OK;
    if (!from || !to) {
        jw_sumo_problem(&d->r, "a relation without from or to: left out");
        return JW_OK;
    }
    char id[160];
    jw_text_format(id, sizeof id, "%.60s-%.60s.%d", from, to, v.line);
    jw_result result = jw_sumo_note_others(&d->r, "tazRelation", known, JW_COUNT_OF(known));
    if (result == JW_OK)
        result = jw_sumo_add_text(demand, id, &v.id, d->r.error);
    if (result == JW_OK)
        result = jw_sumo_add_text(demand, from, &v.from_zone, d->r.error);
    if (result == JW_OK)
        result = jw_sumo_add_text(demand, to, &v.to_zone, d->r.error);
    if (result == JW_OK)
        result = jw_sumo_add_source(d, &v.source);
    if (result == JW_OK)
        result = JW_SUMO_ROOM(demand, vehicles, vehicle_count, 1, d->r.error);
    v.count = (uint32_t)count;
    v.period_s = v.count ? (v.end_s - v.depart_s) / v.count : 0;
    if (jw_sumo_find_type(demand, d->interval_type) != JW_NONE ||
        jw_sumo_find_type_distribution(demand, d->interval_type) != JW_NONE)
        v.type = d->interval_type;
    if (result == JW_OK && v.count)
        demand->vehicles[demand->vehicle_count++] = v;
    return result;
}

/* ---- the file ---------------------------------------------------------------------------------------- */

static bool is_one_of(const char *name, const char *const *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(name, list[i]) == 0)
            return true;
    return false;
}

static jw_result read_top(jw_sumo_demand_reader *d, const char *name)
{
    static const char *const drawn[] = {"poly", "poi", "location", "param"};
    d->type_distribution = d->route_distribution = d->vehicle = d->route = d->zone = JW_NONE;
    d->is_in_programme = d->is_in_person = d->is_in_interval = false;
    if (strcmp(name, "vehicle") == 0 || strcmp(name, "trip") == 0)
        return jw_sumo_begin_vehicle(d, false);
    if (strcmp(name, "flow") == 0)
        return jw_sumo_begin_vehicle(d, true);
    if (strcmp(name, "vType") == 0)
        return jw_sumo_read_type(d);
    if (strcmp(name, "route") == 0)
        return jw_sumo_read_route(d, false);
    if (strcmp(name, "vTypeDistribution") == 0)
        return jw_sumo_begin_type_distribution(d);
    if (strcmp(name, "routeDistribution") == 0)
        return jw_sumo_begin_route_distribution(d);
    if (strcmp(name, "tlLogic") == 0)
        return jw_sumo_begin_programme(&d->r, d->demand, &d->is_in_programme);
    if (strcmp(name, "taz") == 0 || strcmp(name, "district") == 0)
        return begin_zone(d);
    if (strcmp(name, "tazs") == 0 || strcmp(name, "districts") == 0)
        return JW_OK; /* what it holds is read as if it stood by itself */
    if (strcmp(name, "person") == 0 || strcmp(name, "personFlow") == 0 || strcmp(name, "container") == 0 ||
        strcmp(name, "containerFlow") == 0)
        d->is_in_person = true; /* and noted below */
    if (strcmp(name, "interval") == 0)
        return begin_interval(d);
    if (strcmp(name, "busStop") == 0)
        return read_bus_stop(d);
    if (strcmp(name, "inductionLoop") == 0 || strcmp(name, "e1Detector") == 0)
        return read_detector(d, true);
    if (strcmp(name, "laneAreaDetector") == 0 || strcmp(name, "e2Detector") == 0)
        return read_detector(d, false);
    if (is_one_of(name, drawn, JW_COUNT_OF(drawn)))
        return JW_OK; /* nothing that moves depends on it */
    return jw_sumo_note_missing(d->r.missing, d->r.error, "element %.40s", name);
}

static jw_result read_child(jw_sumo_demand_reader *d, const char *name)
{
    if (d->is_in_programme)
        return strcmp(name, "phase") == 0 ? jw_sumo_add_phase(&d->r, d->demand) : JW_OK;
    if (d->is_in_interval && strcmp(name, "tazRelation") == 0)
        return read_relation(d);
    if (d->type_distribution != JW_NONE && strcmp(name, "vType") == 0)
        return jw_sumo_read_type(d);
    if (strcmp(name, "route") == 0 && (d->route_distribution != JW_NONE || d->vehicle != JW_NONE))
        return jw_sumo_read_route(d, d->vehicle != JW_NONE);
    if (strcmp(name, "stop") == 0 && (d->vehicle != JW_NONE || d->route != JW_NONE))
        return jw_sumo_read_stop(d);
    if (d->zone != JW_NONE && (strcmp(name, "tazSource") == 0 || strcmp(name, "dsource") == 0))
        return read_zone_end(d, true);
    if (d->zone != JW_NONE && (strcmp(name, "tazSink") == 0 || strcmp(name, "dsink") == 0))
        return read_zone_end(d, false);
    if (strcmp(name, "taz") == 0 || strcmp(name, "district") == 0)
        return begin_zone(d);
    if (d->is_in_person && strcmp(name, "param") != 0)
        return jw_sumo_note_missing(d->r.missing, d->r.error, "%.40s of a person or container", name);
    if (strncmp(name, "carFollowing-", 13) == 0)
        return jw_sumo_note_missing(d->r.missing, d->r.error, "element %.40s", name);
    return JW_OK; /* parameters, or of something that is noted already */
}

static jw_result on_start(void *context, const jw_xml *xml, int depth, const char *name,
                          const char **attributes, jw_error *error)
{
    static const char *const roots[] = {"routes",   "additional", "add", "additionals",
                                        "vehicles", "tlLogics",   "data"};
    jw_sumo_demand_reader *d = context;
    d->r.xml = xml;
    d->r.element = name;
    d->r.attributes = attributes;
    d->r.error = error;
    if (depth == 1 && !is_one_of(name, roots, JW_COUNT_OF(roots)))
        return jw_fail(error, JW_ERROR_INPUT, d->r.name, jw_xml_line(xml),
                       "the root is <%.40s>, not <routes>, <additional> or <data>", name);
    if (depth == 2)
        return read_top(d, name);
    return depth == 3 || (depth == 4 && d->zone != JW_NONE) ? read_child(d, name) : JW_OK;
}

static jw_result on_end(void *context, const jw_xml *xml, int depth, jw_error *error)
{
    jw_sumo_demand_reader *d = context;
    (void)xml;
    (void)error;
    if (depth != 2 || d->vehicle == JW_NONE)
        return JW_OK;
    /* A vehicle that got neither a route nor a way to find one. */
    const jw_sumo_vehicle *v = &d->demand->vehicles[d->vehicle];
    if (v->route == 0 && v->own_route == JW_NONE &&
        ((v->from == 0 && v->from_zone == 0) || (v->to == 0 && v->to_zone == 0))) {
        jw_problems_add(d->r.problems, JW_PROBLEM, d->r.name, v->line, "vehicle",
                        "%.60s has no route and no edges to go from and to: left out",
                        jw_sumo_text(d->demand, v->id));
        d->demand->vehicle_count = d->vehicle;
    }
    d->vehicle = JW_NONE;
    return JW_OK;
}

static jw_xml_def make_def(jw_sumo_demand_reader *d)
{
    d->type_distribution = d->route_distribution = d->vehicle = d->route = d->zone = JW_NONE;
    d->last_depart_s = -1e30;
    return (jw_xml_def){JW_SUMO_ATTRIBUTE_MAX, JW_SUMO_DEPTH_MAX, on_start, on_end, d};
}

jw_result jw_sumo_read_demand(const char *path, jw_sumo_demand *demand, jw_problems *problems,
                              jw_progress progress, void *progress_context, jw_error *error)
{
    jw_sumo_demand_reader d = {.r = {.name = path, .problems = problems, .missing = &demand->missing},
                               .demand = demand};
    jw_xml_def def = make_def(&d);
    return jw_sumo_parse_file(path, "reading the demand", progress, progress_context, &def, error);
}

jw_result jw_sumo_read_demand_bytes(const void *bytes, size_t size, const char *name, jw_sumo_demand *demand,
                                    jw_problems *problems, jw_error *error)
{
    jw_source source = {.name = name, .bytes = bytes, .size = size, .what = "reading the demand", .share = 1};
    jw_sumo_demand_reader d = {.r = {.name = name, .problems = problems, .missing = &demand->missing},
                               .demand = demand};
    jw_xml_def def = make_def(&d);
    return jw_sumo_parse_source(&source, &def, error);
}
