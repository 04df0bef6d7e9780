/* What a run leaves behind, and what drives a run: the run folder (manifest, results.gpkg, recording, log),
 * the report, and the session: a world on a thread of its own with snapshots for going back.
 *
 * Run folder `runs/<scene>-<n>/`: manifest.json, results.gpkg (city layers with R-tree, aggregates per
 * interval, trips, requests: tables run_x; map_x is the same with the geometry of road, lane or junction),
 * recording.jwr (a frame every 10 s + the command log + hashes + the start
 * snapshot), log.txt, summary.json at the end. Written by a thread of its own, committed each simulated
 * minute: whatever was simulated before a stop is readable. */
#ifndef JW_RECORD_H
#define JW_RECORD_H

#include "twin/twin.h"

/* ---- run folder
 * -------------------------------------------------------------------------------------------- */

typedef struct jw_record jw_record;
typedef struct jw_record_def {
    const char *folder; /* NULL: runs/<scene>-<n>, the first free n. An existing folder is refused. */
    const char *scene_name;
    const char *title_en, *title_zh; /* of the scene, for reports; NULL: its name */
    uint64_t scene_hash;
    const char *parameters_json;                /* object text; NULL = {} */
    const char *parameter_labels_json;          /* { id: { en:, zh: } }; NULL = {} */
    const char *scenario_file, *scenario_title; /* for the manifest; NULL: none */
    const char *scenario_title_zh;
    const jw_sumo_missing *missing; /* what the scene's files ask for in vain; NULL: nothing */
    double interval_s;              /* aggregates; 0 = 60 */
    double frame_interval_s;        /* recording; 0 = 10 */
    double radio_map_m; /* > 0: at the end the radio is mapped with cells so wide, see jw_record_close */
    bool is_without_recording;
} jw_record_def;
/* Creates the folder, writes manifest and static layers. On failure nothing is left of it. */
jw_result jw_record_create(const jw_record_def *def, jw_world *world, jw_record **out, jw_error *error);
/* After each step, on the world's thread: samples tables when an interval ends, drains logs, hands to the
 * writer. A full disk stops the record (the run may go on): JW_ERROR_IO once, with the path. */
jw_result jw_record_step(jw_record *record, jw_world *world, jw_error *error);
/* What only the caller knows of a run. */
typedef struct jw_run_facts {
    const char *scene;
    double load_s, wall_s;
} jw_run_facts;

/* Writes the radio maps that were asked for (rasters radio_power, radio_sinr, radio_rate_down, radio_rate_up
 * of what one more user at 1.5 m gets now) and summary.json, flushes, closes. is_interrupted is noted in the
 * manifest. */
jw_result jw_record_close(jw_record *record, jw_world *world, const jw_run_facts *facts, bool is_interrupted,
                          jw_error *error);
const char *jw_record_folder(const jw_record *record);

/* The one summary, as `jingwei run --json` prints it; owned text (jw_free). Every figure is counted from the
 * scene's start. Of the warm-up before it (warm_s) only what is still under way is counted: departed =
 * arrived + running + removed, where running_at_start of the departed were on the road at the start, and sent
 * = answered + lost + in_flight, where in_flight_at_start of the sent were under way; means are of the trips
 * that arrived, whenever they departed. load_s is the time until the world stood at its start (map, build,
 * warm-up or its cached outcome), wall_s that of the simulation from there on alone. energy_wh, carbon_kg and
 * cost_cny are of computers, cells and switches, traffic_co2_kg is of the vehicles on the road. */
jw_result jw_summary_json(const jw_world *world, const jw_run_facts *facts, char **out, jw_error *error);

/* ---- SUMO's outputs ----------------------------------------------------------------------------------- */

/* Files that scripts made for SUMO read: same elements, attributes, units and meanings (SUMO 1.15's tripinfo,
 * summary, FCD, edgeData and E1 output; edgeData is one interval over the run, E1 has no mean length). Names
 * are those of SUMO's files where the scene has them (ids of edges; `demand` for vehicles and types), else
 * numbers. A vehicle inside a junction is on lane ":junction_n_0", n counting the junction's connections.
 * What Jingwei has nothing of is written as nothing happened: teleports, collisions. */
typedef struct jw_sumo_export jw_sumo_export;
typedef struct jw_sumo_export_def {
    const char *tripinfo, *summary, *fcd, *edgedata; /* paths, NULL or "": not wanted; an existing file is
                                                        replaced */
    const jw_sumo_demand *demand;                    /* may be NULL; lives as long as the export */
    const jw_sumo_plane *plane;                      /* of FCD's x and y; NULL: the city's */
    bool drains_trips;                               /* nobody else empties the log of trips */
    bool has_loops;                                  /* the files that the demand's induction loops name */
} jw_sumo_export_def;
jw_result jw_sumo_export_open(const jw_sumo_export_def *def, const jw_world *world, jw_sumo_export **out,
                              jw_error *error);
/* After each step, before jw_record_step. JW_ERROR_IO: the disk is full; nothing more is written. */
jw_result jw_sumo_export_step(jw_sumo_export *exports, jw_world *world, jw_error *error);
/* Ends the files; edgeData is written now. NULL is allowed. */
jw_result jw_sumo_export_close(jw_sumo_export *exports, const jw_world *world, jw_error *error);

/* Reads a recording: frames in order, then NULL-count; for report, replay and the scrubber. */
typedef struct jw_recording jw_recording;
jw_result jw_recording_open(const char *path, jw_recording **out, jw_error *error);
void jw_recording_close(jw_recording *recording);
uint32_t jw_recording_frame_count(const jw_recording *recording);
jw_result jw_recording_frame(jw_recording *recording, uint32_t index, jw_frame *out, jw_error *error);

/* ---- session: a world that runs --------------------------------------------------------------------------
 */

typedef struct jw_session jw_session;
typedef struct jw_session_def {
    jw_city *city; /* retained */
    const jw_module_entry *extra;
    uint32_t extra_count;
    jw_world *world;                /* taken over on success: the session destroys it */
    uint64_t snapshot_budget_bytes; /* 0 = 1 GB */
    double snapshot_interval_s;     /* 0 = 60 */
} jw_session_def;
/* Starts paused, its thread waiting. All functions below are for the main thread. */
jw_result jw_session_create(const jw_session_def *def, jw_session **out, jw_error *error);
void jw_session_destroy(jw_session *session); /* stops the thread */
/* The world side by side: a fork of the present instant as a second session, paused. In a rewound session the
 * fork meets the later commands, too. */
jw_result jw_session_fork(jw_session *session, jw_session **out, jw_error *error);

void jw_session_play(jw_session *session,
                     double speed); /* simulated seconds a second; 0: pause; < 0: as fast as can be */
void jw_session_step(jw_session *session, uint32_t steps); /* then pause */
/* Back (or forward) to a time: nearest snapshot, then simulate with the log; pauses there. */
void jw_session_seek(jw_session *session, int64_t time_ns);
void jw_session_end_seek(jw_session *session); /* where it has come to: the world pauses there */
/* From the next step on; any number gives the same world. */
void jw_session_set_threads(jw_session *session, int threads);
/* Bytes that snapshots for going back may hold; the first and the newest are kept whatever they take. */
void jw_session_set_snapshot_budget(jw_session *session, uint64_t bytes);

/* Stops: a world that plays pauses by itself at exactly the step that meets one, at any speed. Going to a
 * time and single steps pass them. A condition stops once; it must cease to hold before it stops again. */
typedef enum jw_break_kind { JW_BREAK_TIME, JW_BREAK_EVENT, JW_BREAK_METRIC, JW_BREAK_DETAIL } jw_break_kind;
#define JW_BREAK_ANY_EVENT (-1)
typedef struct jw_break {
    uint32_t id; /* the asker's number, not 0 */
    jw_break_kind kind;
    int64_t time_ns; /* TIME: the first step that ends then or later */
    int event_kind;  /* EVENT: jw_event_kind, or any that is no line of the scenario */
    char text[64];   /* EVENT: part of its text or key, the case of Latin letters aside; "": any */
    char name[48];   /* METRIC: its name; DETAIL: label of a number in the answer to `watch` */
    jw_watch watch;
    bool is_below; /* METRIC, DETAIL: holds while less than value, else while more */
    double value;
    double hold_s; /* for so long without a break */
} jw_break;
#define JW_BREAKS_MAX 32
/* Replaces all; a stop whose id stays keeps what it has seen. */
void jw_session_set_breaks(jw_session *session, const jw_break *stops, uint32_t count);
jw_result jw_session_post(jw_session *session, const jw_command *command, jw_error *error);
/* jw_world_hash of the present instant; waits for the step or seek under way. */
uint64_t jw_session_hash(jw_session *session);
/* Replaces what is watched; answered from the next frame on. At most 16. */
void jw_session_watch(jw_session *session, const jw_watch *watches, uint32_t count);

/* The newest frame; NULL before the first. */
const jw_frame *jw_session_frame(jw_session *session, bool *is_new);
typedef struct jw_session_status {
    bool is_running, is_seeking, has_failed;
    double speed, reached_speed;      /* asked and measured */
    int64_t time_ns, earliest_ns;     /* seek can go back to earliest */
    int64_t seek_from_ns, seek_to_ns; /* while is_seeking: what is simulated for it */
    uint32_t stop_id, stop_count;     /* the stop met last, and how many were met */
    int64_t dt_ns;                    /* of a step */
    jw_error error;                   /* why it stopped */
} jw_session_status;
jw_session_status jw_session_state(jw_session *session);

/* ---- report
 * ------------------------------------------------------------------------------------------------ */

/* One self-contained HTML page from a run folder: summary, charts (SVG), map, assumptions. Written whole or
 * not at all. `output` NULL: report.html in the folder. */
jw_result jw_report_write(const char *run_folder, const char *output, const char *language, jw_error *error);

#endif
