/* The world of a scene at its start. A warm-up is done once: its outcome is a file in the user's cache
 * folder, named and marked by a hash of the program and of the world before the first step, which holds all
 * that the outcome depends on (texts, parameters, map, seed). The scenario is not part of it and joins
 * afterwards. */
#include "script/script_internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC         UINT64_C(0x314d52415757a90d) /* no text file begins like this */
#define FILE_MAX      (1u << 30)
#define KEPT_FILES    16
#define KEPT_BYTES    (256u << 20)
#define NAME_FORMAT   "warm-%016llx.jws"
#define PROGRAM_BYTES (1u << 30)

typedef struct warm_cache {
    char folder[512], path[600]; /* "": there is none */
    uint64_t key;
} warm_cache;

/* ---- the files ---- */

static bool find_folder(char *out, size_t out_size)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && cache[0] == '/')
        return snprintf(out, out_size, "%s/jingwei", cache) < (int)out_size;
    return home && home[0] == '/' && snprintf(out, out_size, "%s/.cache/jingwei", home) < (int)out_size;
}

/* Another build may simulate differently: the program's own bytes tell it. */
static bool hash_program(uint64_t *hash)
{
    char *bytes;
    size_t size;
    if (jw_file_read("/proc/self/exe", PROGRAM_BYTES, &bytes, &size, NULL) != JW_OK)
        return false;
    *hash = jw_hash_bytes(*hash, bytes, size);
    jw_free(bytes);
    return true;
}

static void find_cache(const jw_world *world, warm_cache *out)
{
    *out = (warm_cache){.key = MAGIC};
    jw_writer image = {0};
    if (find_folder(out->folder, sizeof out->folder) && hash_program(&out->key) &&
        jw_world_save(world, &image, NULL) == JW_OK) {
        out->key = jw_hash_bytes(out->key, image.bytes, image.size);
        snprintf(out->path, sizeof out->path, "%s/" NAME_FORMAT, out->folder, (unsigned long long)out->key);
    }
    jw_writer_free(&image);
}

/* False: there is none, or it is damaged or of another world; then `world` is as it was. */
static bool restore(const warm_cache *cache, jw_world *world)
{
    char *bytes;
    size_t size;
    if (!cache->path[0] || jw_file_read(cache->path, FILE_MAX, &bytes, &size, NULL) != JW_OK)
        return false;
    jw_reader reader = jw_reader_make(bytes, size);
    uint64_t magic = jw_read_u64(&reader), key = jw_read_u64(&reader);
    bool is_ours = !reader.failed && magic == MAGIC && key == cache->key;
    bool is_restored =
        is_ours && jw_world_restore(world, bytes + reader.position, size - reader.position, NULL) == JW_OK;
    jw_free(bytes);
    if (is_restored)
        utimensat(AT_FDCWD, cache->path, NULL, 0); /* used last, dropped last */
    return is_restored;
}

typedef struct kept_file {
    char name[32];
    struct timespec used;
    uint64_t size;
} kept_file;

static int compare_kept(const void *a, const void *b)
{
    const kept_file *x = a, *y = b; /* newest first */
    if (x->used.tv_sec != y->used.tv_sec)
        return x->used.tv_sec > y->used.tv_sec ? -1 : 1;
    if (x->used.tv_nsec != y->used.tv_nsec)
        return x->used.tv_nsec > y->used.tv_nsec ? -1 : 1;
    return strcmp(x->name, y->name);
}

static void drop_old(const char *folder)
{
    DIR *listing = opendir(folder);
    kept_file *files = NULL;
    uint32_t count = 0, capacity = 0;
    for (struct dirent *entry; listing && (entry = readdir(listing));) {
        unsigned long long key;
        char name[sizeof files->name];
        struct stat status;
        if (sscanf(entry->d_name, "warm-%16llx.jws", &key) != 1 ||
            snprintf(name, sizeof name, NAME_FORMAT, key) >= (int)sizeof name ||
            strcmp(name, entry->d_name) != 0 || fstatat(dirfd(listing), name, &status, 0) != 0)
            continue; /* not one of ours */
        if (jw_grow(&files, &capacity, count + 1ull, sizeof *files, NULL) != JW_OK)
            break;
        kept_file *file = &files[count++];
        *file = (kept_file){.used = status.st_mtim, .size = (uint64_t)status.st_size};
        memcpy(file->name, name, sizeof name);
    }
    if (count)
        qsort(files, count, sizeof *files, compare_kept);
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) {
        bytes += files[i].size;
        if (i > 0 && (i >= KEPT_FILES || bytes > KEPT_BYTES))
            unlinkat(dirfd(listing), files[i].name, 0);
    }
    if (listing)
        closedir(listing);
    jw_free(files);
}

static void keep(const warm_cache *cache, const jw_world *world)
{
    jw_writer file = {0};
    jw_write_u64(&file, MAGIC);
    jw_write_u64(&file, cache->key);
    if (cache->path[0] && jw_world_save(world, &file, NULL) == JW_OK && file.size <= FILE_MAX &&
        jw_make_directory(cache->folder, NULL) == JW_OK &&
        jw_file_write(cache->path, file.bytes, file.size, NULL) == JW_OK)
        drop_old(cache->folder);
    jw_writer_free(&file);
}

/* ---- the world ---- */

static jw_result simulate(jw_world *world, jw_progress progress, void *context, jw_error *error)
{
    int64_t start_ns = jw_world_start_time_ns(world), warm_ns = jw_world_warm_ns(world);
    jw_result result = JW_OK;
    while (jw_world_time_ns(world) < start_ns && result == JW_OK) {
        double left = (double)(start_ns - jw_world_time_ns(world)) / (double)warm_ns;
        if (progress && !progress(context, 1 - left, "warming up"))
            return jw_fail(error, JW_ERROR_CANCELLED, NULL, 0, "cancelled");
        result = jw_world_step(world, error);
    }
    return result;
}

static jw_result warm_up(jw_world *world, jw_progress progress, void *context, jw_error *error)
{
    warm_cache cache;
    find_cache(world, &cache);
    if (restore(&cache, world))
        return JW_OK;
    jw_result result = simulate(world, progress, context, error);
    if (result == JW_OK)
        keep(&cache, world);
    return result;
}

jw_result jw_scene_make_world(const jw_scene *scene, const jw_twin_def *def, const char *scenario_path,
                              jw_progress progress, void *context, jw_world **out, jw_error *error)
{
    jw_twin_def asking = *def; /* the same, but that it asks whoever waits */
    asking.progress = progress;
    asking.progress_context = context;
    bool is_warm = def->warm_ns > 0;
    jw_script_def script = {scene, is_warm ? NULL : scenario_path};
    jw_module_entry entry = {&jw_script_module, &script};
    jw_world *world;
    *out = NULL;
    jw_result result = jw_twin_create(&asking, &entry, 1, &world, error);
    if (result != JW_OK)
        return result;
    if (is_warm)
        result = warm_up(world, progress, context, error);
    script.scenario_path = scenario_path;
    if (result == JW_OK && is_warm && scenario_path)
        result = script_replace(world, &script, error);
    if (result == JW_OK)
        *out = world;
    else
        jw_world_destroy(world);
    return result;
}
