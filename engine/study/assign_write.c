/* What an assignment leaves behind: tables, a plot, routes. */
#include "study/assign.h"

#include <stdio.h>
#include <string.h>

typedef struct page {
    jw_writer out;
    const jw_assign_result *result;
    const jw_twin_def *scene;
    const jw_sumo_demand *demand;
} page;

/* As the value of an attribute. */
static void put_escaped(page *p, const char *text)
{
    for (; *text; text++) {
        const char *as = *text == '&'   ? "&amp;"
                         : *text == '<' ? "&lt;"
                         : *text == '>' ? "&gt;"
                         : *text == '"' ? "&quot;"
                                        : NULL;
        if (as)
            jw_write_format(&p->out, "%s", as);
        else
            jw_write_bytes(&p->out, text, 1);
    }
}

/* ---- tables ----------------------------------------------------------------------------------------------
 */

static void put_gaps(page *p)
{
    jw_write_format(
        &p->out, "iteration,trips,arrived,left_their_way,mean_travel_s,total_travel_h,relative_gap,moved\n");
    for (uint32_t k = 0; k < p->result->iteration_count; k++) {
        const jw_assign_iteration *i = &p->result->iterations[k];
        jw_write_format(&p->out, "%u,%lld,%lld,%lld,%.3f,%.3f,%.6f,%u\n", i->number, (long long)i->trips,
                        (long long)i->arrived, (long long)i->rerouted, i->mean_travel_s, i->total_travel_h,
                        i->relative_gap, i->moved);
    }
}

static void put_times(page *p)
{
    const jw_turn_times *times = &p->result->times;
    jw_write_format(&p->out, "begin_s,edge,next_edge,vehicles,mean_s\n");
    for (uint32_t b = 0; b < times->bin_count; b++)
        for (uint32_t e = 0, k = 0; k < times->turn_count; k++) {
            size_t cell = (size_t)b * times->turn_count + k;
            while (p->result->turn_first[e + 1] <= k)
                e++;
            if (times->count[cell])
                jw_write_format(&p->out, "%.0f,%u,%u,%u,%.2f\n",
                                jw_s_from_ns(times->begin_ns + b * times->bin_ns), e, p->result->turn_to[k],
                                times->count[cell], (double)times->sum_ms[cell] / times->count[cell] / 1000);
        }
}

static void put_trips(page *p)
{
    const jw_demand_data *trips = &p->result->trips;
    jw_write_format(&p->out, "depart,class,tag,route\n");
    for (uint32_t k = 0; k < trips->trip_count; k++) {
        const jw_listed_trip *trip = &trips->trips[k];
        jw_write_format(&p->out, "%.3f,%s,%llu,", jw_s_from_ns(trip->depart_ns),
                        jw_vehicle_class_name((jw_vehicle_class)trip->vehicle_class),
                        (unsigned long long)trip->tag);
        for (uint32_t n = 0; n < trip->route_count; n++)
            jw_write_format(&p->out, n ? " %u" : "%u", trips->route_edges[trip->first_route + n]);
        jw_write_format(&p->out, "\n");
    }
}

/* ---- routes in SUMO's form -------------------------------------------------------------------------------
 */

static const char *const sumo_classes[JW_VEHICLE_CLASS_COUNT] = {
    "passenger", "truck", "bus", "passenger", "emergency", "bicycle", "bicycle", "pedestrian"};

static void put_type(page *p, uint32_t c)
{
    jw_vehicle_type type = p->scene->traffic.types[c];
    if (type.length_m == 0)
        type = jw_default_vehicle_type((jw_vehicle_class)c);
    jw_write_format(&p->out,
                    "    <vType id=\"%s\" vClass=\"%s\" length=\"%.2f\" width=\"%.2f\" minGap=\"%.2f\" "
                    "maxSpeed=\"%.2f\" accel=\"%.2f\" decel=\"%.2f\" emergencyDecel=\"%.2f\" tau=\"%.2f\" "
                    "speedFactor=\"normc(%.3f,%.3f,%.3f,%.3f)\" carFollowModel=\"IDM\"/>\n",
                    jw_vehicle_class_name((jw_vehicle_class)c), sumo_classes[c], type.length_m, type.width_m,
                    type.min_gap_m, type.max_speed_mps, type.accel_mps2, type.decel_mps2,
                    type.emergency_decel_mps2, type.desired_headway_s, type.speed_factor_mean,
                    type.speed_factor_sd, type.speed_factor_mean - 2 * type.speed_factor_sd,
                    type.speed_factor_mean + 2 * type.speed_factor_sd);
}

static void put_edge(page *p, uint32_t edge)
{
    const jw_city *city = p->scene->city;
    const char *id = jw_city_text(city, city->edges[edge].id);
    if (*id)
        put_escaped(p, id);
    else
        jw_write_format(&p->out, "%u", edge);
}

static void put_vehicle(page *p, uint32_t k)
{
    static const char *const lanes[] = {"best", "first", "random", "free", "best"};
    const jw_listed_trip *trip = &p->result->trips.trips[k];
    char name[512];
    if (p->demand)
        jw_sumo_vehicle_name(p->demand, trip->tag, name, sizeof name);
    else
        snprintf(name, sizeof name, "%u", k);
    jw_write_format(&p->out, "    <vehicle id=\"");
    put_escaped(p, name);
    jw_write_format(&p->out, "\" type=\"%s\" depart=\"%.3f\" departPos=\"%.2f\"",
                    jw_vehicle_class_name((jw_vehicle_class)trip->vehicle_class),
                    jw_s_from_ns(trip->depart_ns), (double)trip->from_s_m);
    if (trip->depart_lane < JW_DEPART_LANE)
        jw_write_format(&p->out, " departLane=\"%s\"", lanes[trip->depart_lane]);
    else
        jw_write_format(&p->out, " departLane=\"%u\"", trip->depart_lane - JW_DEPART_LANE);
    if (trip->depart_speed == JW_DEPART_FAST)
        jw_write_format(&p->out, " departSpeed=\"max\"");
    else
        jw_write_format(&p->out, " departSpeed=\"%.2f\"", (double)trip->depart_mps);
    if (trip->arrive_s_m > 0)
        jw_write_format(&p->out, " arrivalPos=\"%.2f\"", (double)trip->arrive_s_m);
    jw_write_format(&p->out, ">\n        <route edges=\"");
    for (uint32_t n = 0; n < trip->route_count; n++) {
        jw_write_format(&p->out, n ? " " : "");
        put_edge(p, p->result->trips.route_edges[trip->first_route + n]);
    }
    jw_write_format(&p->out, "\"/>\n    </vehicle>\n");
}

static void put_routes(page *p)
{
    const jw_demand_data *trips = &p->result->trips;
    bool is_used[JW_VEHICLE_CLASS_COUNT] = {false};
    jw_write_format(&p->out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<routes>\n");
    for (uint32_t k = 0; k < trips->trip_count; k++)
        is_used[trips->trips[k].vehicle_class] = true;
    for (uint32_t c = 0; c < JW_VEHICLE_CLASS_COUNT; c++)
        if (is_used[c])
            put_type(p, c);
    for (uint32_t k = 0; k < trips->trip_count; k++)
        put_vehicle(p, k);
    jw_write_format(&p->out, "</routes>\n");
}

/* ---- the plot --------------------------------------------------------------------------------------------
 */

#define LEFT   72.0
#define RIGHT  624.0
#define TOP    56.0
#define BOTTOM 328.0

/* Decades of the gap, from the least power of ten below all to the greatest above. */
static void put_plot(page *p)
{
    const jw_assign_result *r = p->result;
    int low = -3, high = 0;
    for (uint32_t k = 0; k < r->iteration_count; k++) {
        double decade = jw_log10(jw_max(r->iterations[k].relative_gap, 1e-6));
        low = decade < low ? (int)jw_floor(decade) : low;
        high = decade > high ? (int)jw_ceil(decade) : high;
    }
    jw_write_format(
        &p->out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 384\" "
        "font-family=\"system-ui,'WenQuanYi "
        "Micro Hei',sans-serif\" font-size=\"13\" fill=\"#26323a\">\n<rect width=\"640\" height=\"384\" "
        "fill=\"#fff\"/>\n<text x=\"16\" y=\"32\" font-size=\"16\" font-weight=\"600\">Relative gap "
        "相对差距</text>\n");
    for (int d = low; d <= high; d++) {
        double y = BOTTOM - (BOTTOM - TOP) * (d - low) / (high - low);
        jw_write_format(
            &p->out,
            "<line x1=\"%.0f\" x2=\"%.0f\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#e3e2dd\"/><text x=\"%.0f\" "
            "y=\"%.1f\" text-anchor=\"end\" fill=\"#5d6b73\">%g</text>\n",
            LEFT, RIGHT, y, y, LEFT - 8, y + 4, jw_exp(d * jw_log(10.0)));
    }
    jw_write_format(&p->out, "<polyline fill=\"none\" stroke=\"#1f6fb2\" stroke-width=\"2\" points=\"");
    double step = r->iteration_count > 1 ? (RIGHT - LEFT) / (r->iteration_count - 1) : 0;
    for (uint32_t k = 0; k < r->iteration_count; k++) {
        double decade = jw_log10(jw_max(r->iterations[k].relative_gap, 1e-6));
        jw_write_format(&p->out, "%.1f,%.1f ", LEFT + step * k,
                        BOTTOM - (BOTTOM - TOP) * (decade - low) / (high - low));
    }
    jw_write_format(&p->out, "\"/>\n");
    uint32_t every = r->iteration_count / 10 + 1;
    for (uint32_t k = 0; k < r->iteration_count; k += every)
        jw_write_format(&p->out,
                        "<text x=\"%.1f\" y=\"%.0f\" text-anchor=\"middle\" fill=\"#5d6b73\">%u</text>\n",
                        LEFT + step * k, BOTTOM + 20, r->iterations[k].number);
    jw_write_format(&p->out,
                    "<text x=\"%.0f\" y=\"%.0f\" text-anchor=\"end\" fill=\"#5d6b73\">iteration 迭代</text>\n"
                    "</svg>\n",
                    RIGHT, BOTTOM + 44);
}

/* ---- files -----------------------------------------------------------------------------------------------
 */

jw_result jw_assign_write(const jw_assign_result *result, const jw_twin_def *scene,
                          const jw_sumo_demand *demand, const char *folder, jw_error *error)
{
    static const struct {
        const char *name;
        void (*put)(page *p);
    } files[] = {{"gap.csv", put_gaps},
                 {"gap.svg", put_plot},
                 {"times.csv", put_times},
                 {"trips.csv", put_trips},
                 {"routes.rou.xml", put_routes}};
    jw_result status = JW_OK;
    for (uint32_t k = 0; k < JW_COUNT_OF(files) && status == JW_OK; k++) {
        page p = {.result = result, .scene = scene, .demand = demand};
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, files[k].name);
        files[k].put(&p);
        status = p.out.failed ? jw_fail_memory(error) : jw_file_write(path, p.out.bytes, p.out.size, error);
        jw_writer_free(&p.out);
    }
    return status;
}
