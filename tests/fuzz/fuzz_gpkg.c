/* Foreign GeoPackages: a geometry blob decodes or is refused, a file opens and gives its rows or is refused.
 */
#include "geo/gpkg_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static char path[64];
static char *valid_file;
static size_t valid_size;

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void remove_file(void)
{
    unlink(path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    static const double lon[] = {115.9, 115.91, 115.91}, lat[] = {39.0, 39.0, 39.01};
    static const uint32_t parts[] = {0, 3};
    static const jw_gpkg_column columns[] = {{"lanes", JW_GPKG_INTEGER, "count"},
                                             {"name", JW_GPKG_TEXT, NULL}};
    static const jw_gpkg_value values[] = {{.integer = 3}, {.text = "a street"}};
    snprintf(path, sizeof path, "/tmp/fuzz_gpkg_%d.gpkg", (int)getpid());
    jw_gpkg *gpkg = NULL;
    uint32_t layer;
    require(jw_gpkg_create(path, &gpkg, NULL) == JW_OK);
    atexit(remove_file);
    require(jw_gpkg_add_layer(gpkg, "roads", JW_GPKG_POLYGON, NULL, columns, 2, &layer, NULL) == JW_OK);
    for (int i = 0; i < 3; i++)
        require(jw_gpkg_insert(gpkg, layer, &(jw_gpkg_shape){lon, lat, parts, NULL, 1, NULL}, values, 2,
                               NULL) == JW_OK);
    require(jw_gpkg_commit(gpkg, NULL) == JW_OK);
    jw_gpkg_close(gpkg);
    require(jw_file_read(path, 1 << 20, &valid_file, &valid_size, NULL) == JW_OK);
    return 0;
}

/* Half of what would be short geometry becomes the valid file: no database is found from nothing. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
    if (size < 512 && seed % 2 == 0 && valid_size <= max_size) {
        memcpy(data, valid_file, valid_size);
        size = valid_size;
    }
    return LLVMFuzzerMutate(data, size, max_size);
}

static jw_result touch_row(void *context, const jw_gpkg_row *row)
{
    double *sum = context;
    for (uint32_t i = 0; row->shape.part_count && i < row->shape.part_first[row->shape.part_count]; i++)
        *sum += row->shape.lon_deg[i] + row->shape.lat_deg[i];
    for (uint32_t i = 0; i < row->value_count; i++)
        *sum += row->values[i].text ? (double)strlen(row->values[i].text) : row->values[i].real;
    return JW_OK;
}

static void try_file(const uint8_t *data, size_t size)
{
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    require(file >= 0 && write(file, data, size) == (ssize_t)size);
    close(file);
    jw_gpkg *gpkg = NULL;
    jw_error error = {0};
    if (jw_gpkg_open(path, false, &gpkg, &error) != JW_OK) {
        require(error.message[0] != 0);
        return;
    }
    double sum = 0.0;
    for (uint32_t i = 0; i < jw_gpkg_layer_count(gpkg); i++)
        jw_gpkg_read(gpkg, i, touch_row, &sum, NULL);
    jw_gpkg_close(gpkg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jw_gpkg_decoded decoded = {0};
    char reason[200];
    for (int kind = JW_GPKG_POINT; kind <= JW_GPKG_MULTIPOLYGON; kind++)
        jw_gpkg_decode(data, size, (jw_gpkg_geometry)kind, &decoded, reason, sizeof reason);
    jw_gpkg_decoded_free(&decoded);
    if (size >= 512)
        try_file(data, size);
    require(jw_allocated_bytes() == (int64_t)valid_size + 1);
    return 0;
}
