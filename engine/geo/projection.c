/* Projection through PROJ. Every object has a PROJ context of its own, so that objects never share state and
 * two threads can use two of them at once. The network is off: the same input gives the same result whether
 * or not the machine is connected. */
#include "geo/geo.h"

#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <string.h>

#define TEXT_LIMIT 4000

struct jw_projection {
    PJ_CONTEXT *context;
    PJ *transformation; /* forward: lon/lat degrees to metres */
};

/* What PROJ gives for a point that it cannot transform. */
#define NOWHERE proj_coord(HUGE_VAL, HUGE_VAL, HUGE_VAL, HUGE_VAL)

static void keep_silent(void *app_data, int level, const char *message)
{
    (void)app_data;
    (void)level;
    (void)message;
}

static jw_result create_context(jw_projection **out, jw_error *error)
{
    jw_projection *projection = jw_alloc(sizeof *projection);
    if (!projection)
        return jw_fail_memory(error);
    projection->context = proj_context_create();
    if (!projection->context) {
        jw_free(projection);
        return jw_fail_memory(error);
    }
    proj_log_func(projection->context, NULL, keep_silent);
    proj_context_set_enable_network(projection->context, 0);
    *out = projection;
    return JW_OK;
}

static const char *proj_reason(const jw_projection *projection)
{
    int code = proj_context_errno(projection->context);
    return code ? proj_context_errno_string(projection->context, code) : "unknown reason";
}

jw_result jw_projection_create(double origin_lon_deg, double origin_lat_deg, jw_projection **out,
                               jw_error *error)
{
    if (!(jw_abs(origin_lon_deg) <= 180.0) || !(jw_abs(origin_lat_deg) <= 90.0))
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "the map's origin lon %g, lat %g is not a place on Earth (degrees, lon -180..180, "
                       "lat -90..90)",
                       origin_lon_deg, origin_lat_deg);
    jw_projection *projection = NULL;
    if (create_context(&projection, error) != JW_OK)
        return JW_ERROR_MEMORY;
    /* A pipeline of operations rather than a coordinate system: its axis order is what is written here. */
    char text[256];
    snprintf(text, sizeof text,
             "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
             "+step +proj=tmerc +lat_0=%.17g +lon_0=%.17g +k=1 +x_0=0 +y_0=0 +ellps=WGS84 +units=m",
             origin_lat_deg, origin_lon_deg);
    for (char *c = text; *c; c++)
        if (*c == ',')
            *c = '.'; /* the decimal comma of some locales */
    projection->transformation = proj_create(projection->context, text);
    if (!projection->transformation) {
        jw_result result =
            jw_fail(error, JW_ERROR_INPUT, NULL, 0, "no projection can be made at lon %g, lat %g: %s",
                    origin_lon_deg, origin_lat_deg, proj_reason(projection));
        jw_projection_destroy(projection);
        return result;
    }
    *out = projection;
    return JW_OK;
}

jw_result jw_projection_create_from_text(const char *proj_text, jw_projection **out, jw_error *error)
{
    size_t length = strlen(proj_text);
    if (length == 0 || length > TEXT_LIMIT)
        return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                       "a projection text of %zu characters: 1 to %d are allowed", length, TEXT_LIMIT);
    jw_projection *projection = NULL;
    if (create_context(&projection, error) != JW_OK)
        return JW_ERROR_MEMORY;
    /* "+proj=utm ..." names a coordinate system only when it says so. */
    char target[TEXT_LIMIT + 32];
    bool needs_type = proj_text[0] == '+' && !strstr(proj_text, "+type=crs");
    snprintf(target, sizeof target, "%s%s", proj_text, needs_type ? " +type=crs" : "");
    PJ *raw = proj_create_crs_to_crs(projection->context, "+proj=longlat +datum=WGS84 +no_defs +type=crs",
                                     target, NULL);
    if (raw) {
        /* lon before lat and east before north, whatever the authority's axis order is */
        projection->transformation = proj_normalize_for_visualization(projection->context, raw);
        proj_destroy(raw);
    }
    if (!projection->transformation) {
        jw_result result =
            jw_fail(error, JW_ERROR_INPUT, NULL, 0, "PROJ knows no coordinate system \"%.200s\": %s",
                    proj_text, proj_reason(projection));
        jw_projection_destroy(projection);
        return result;
    }
    *out = projection;
    return JW_OK;
}

void jw_projection_destroy(jw_projection *projection)
{
    if (!projection)
        return;
    proj_destroy(projection->transformation);
    proj_context_destroy(projection->context);
    jw_free(projection);
}

jw_result jw_projection_forward(const jw_projection *projection, const double *lon_deg, const double *lat_deg,
                                uint32_t count, double *x_m, double *y_m, jw_error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        PJ_COORD place = proj_coord(lon_deg[i], lat_deg[i], 0.0, 0.0);
        bool is_place = jw_abs(lon_deg[i]) <= 360.0 && jw_abs(lat_deg[i]) <= 90.0;
        PJ_COORD result = is_place ? proj_trans(projection->transformation, PJ_FWD, place) : NOWHERE;
        if (!isfinite(result.xy.x) || !isfinite(result.xy.y))
            return jw_fail(
                error, JW_ERROR_INPUT, NULL, 0,
                "point %u at lon %g, lat %g cannot be projected: it is no place on Earth or too far "
                "from the map's centre",
                i, place.xy.x, place.xy.y);
        x_m[i] = jw_round_mm(result.xy.x);
        y_m[i] = jw_round_mm(result.xy.y);
    }
    return JW_OK;
}

jw_result jw_projection_inverse(const jw_projection *projection, const double *x_m, const double *y_m,
                                uint32_t count, double *lon_deg, double *lat_deg, jw_error *error)
{
    for (uint32_t i = 0; i < count; i++) {
        PJ_COORD place = proj_coord(x_m[i], y_m[i], 0.0, 0.0);
        bool is_finite = isfinite(x_m[i]) && isfinite(y_m[i]);
        PJ_COORD result = is_finite ? proj_trans(projection->transformation, PJ_INV, place) : NOWHERE;
        if (!isfinite(result.xy.x) || !isfinite(result.xy.y))
            return jw_fail(error, JW_ERROR_INPUT, NULL, 0,
                           "point %u at x %g, y %g lies outside the range of the map's projection", i,
                           place.xy.x, place.xy.y);
        lon_deg[i] = result.xy.x;
        lat_deg[i] = result.xy.y;
    }
    return JW_OK;
}
