#include "record/record_fixture.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char old_folder[1024], test_folder[1024];

int record_enter_folder(void **state)
{
    (void)state;
    if (!getcwd(old_folder, sizeof old_folder))
        return -1;
    snprintf(test_folder, sizeof test_folder, "%s/record-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    return mkdtemp(test_folder) && chdir(test_folder) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

int record_leave_folder(void **state)
{
    int result = chdir(old_folder);
    nftw(test_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return nothing_is_left(state) == 0 ? result : -1;
}

void record_make_town(record_town *town, uint32_t blocks)
{
    memset(town, 0, sizeof *town);
    twin_fixture_def(&town->def, blocks);
    town->world = twin_fixture_create(&town->def, 1);
}

void record_free_town(record_town *town)
{
    jw_world_destroy(town->world);
    jw_twin_def_free(&town->def);
}

void record_begin(record_town *town, const char *folder, double interval_s, double frame_interval_s)
{
    jw_error error = {0};
    jw_record_def def = {.folder = folder,
                         .scene_name = "town",
                         .scene_hash = 0x1234,
                         .parameters_json = "{\"edge_sites\": 2}",
                         .interval_s = interval_s,
                         .frame_interval_s = frame_interval_s};
    if (jw_record_create(&def, town->world, &town->record, &error) != JW_OK)
        fail_msg("%s", error.message);
    snprintf(town->folder, sizeof town->folder, "%s", jw_record_folder(town->record));
}

void record_run_s(record_town *town, double seconds)
{
    int64_t until_ns = jw_world_time_ns(town->world) + jw_ns_from_s(seconds);
    while (jw_world_time_ns(town->world) < until_ns) {
        jw_error error = {0};
        if (jw_world_step(town->world, &error) != JW_OK ||
            jw_record_step(town->record, town->world, &error) != JW_OK)
            fail_msg("%s", error.message);
    }
}

void record_end(record_town *town, bool is_interrupted)
{
    jw_error error = {0};
    jw_run_facts facts = {"town", 0.25, 1.5};
    if (jw_record_close(town->record, town->world, &facts, is_interrupted, &error) != JW_OK)
        fail_msg("%s", error.message);
    town->record = NULL;
}

const char *record_path(const char *folder, const char *name)
{
    static char paths[4][1200];
    static uint32_t next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

uint32_t record_count_entries(const char *folder)
{
    uint32_t count = 0;
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (directory)
        closedir(directory);
    return count;
}

typedef struct row_count {
    const char *column, *value;
    int64_t count;
    char last[64];
} row_count;

static jw_result on_row(void *context, const jw_gpkg_row *row)
{
    row_count *rows = context;
    const jw_gpkg_value *value = rows->value[0] ? jw_gpkg_row_value(row, rows->column) : NULL;
    if (rows->value[0] && (!value || !value->text || strcmp(value->text, rows->value) != 0))
        return JW_OK;
    rows->count++;
    const jw_gpkg_value *time = jw_gpkg_row_value(row, "time");
    jw_text_copy(rows->last, sizeof rows->last, time && time->text ? time->text : "");
    return JW_OK;
}

int64_t record_count_rows(const char *gpkg_path, const char *layer, const char *column, const char *value,
                          char *out_last)
{
    row_count rows = {.column = column, .value = value};
    jw_gpkg *gpkg = NULL;
    jw_error error = {0};
    jw_result result = jw_gpkg_open(gpkg_path, false, &gpkg, &error);
    uint32_t index = result == JW_OK ? jw_gpkg_find_layer(gpkg, layer) : JW_NONE;
    if (index != JW_NONE)
        result = jw_gpkg_read(gpkg, index, on_row, &rows, &error);
    jw_gpkg_close(gpkg);
    if (result != JW_OK)
        print_message("%s: %s\n", gpkg_path, error.message);
    if (out_last)
        memcpy(out_last, rows.last, sizeof rows.last);
    return result == JW_OK && index != JW_NONE ? rows.count : -1;
}
