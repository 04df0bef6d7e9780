/* AI models as products: versions of a model, their quality, and their rollout to sites as images that really
 * cross the network. One kernel module, named "ai".
 *
 * A deployment walks through its sites in waves: image transfer (port) -> install (port) -> serving. A health
 * check after each wave stops and rolls back when too many sites failed. */
#ifndef JW_AI_H
#define JW_AI_H

#include "kernel/kernel.h"

#define JW_MODEL_ID_SIZE 32

/* A version of a model of the catalogue. Version numbers start at 1. */
typedef struct jw_model {
    char id[JW_MODEL_ID_SIZE]; /* "signal-vision" */
    uint32_t version;
    uint32_t service; /* what it serves: index of compute's services (twin sees to it) */
    double image_gb;
    double quality; /* share of right decisions on fresh input, 0..1 */
    uint8_t is_unverified;
} jw_model;

typedef struct jw_ai_def {
    const jw_model *models;
    uint32_t model_count;
} jw_ai_def;

extern const jw_module jw_ai_module;
typedef struct jw_ai jw_ai;

typedef struct jw_deployment_id {
    uint32_t index1, generation;
} jw_deployment_id;

/* Sites are opaque here: `site` is what twin handed in. */
typedef struct jw_ai_ports {
    /* Starts a transfer of `bytes` to the site; ends in jw_ai_transfer_ended with the same tag. */
    jw_result (*start_transfer)(jw_world *world, uint64_t site, int64_t bytes, uint64_t tag);
    void (*stop_transfer)(jw_world *world, uint64_t tag);
    /* Makes the site serve this version (0: takes the model away). */
    jw_result (*install)(jw_world *world, uint64_t site, uint32_t service, uint32_t version, jw_error *error);
    bool (*is_site_up)(jw_world *world, uint64_t site);
} jw_ai_ports;
void jw_ai_set_ports(jw_ai *ai, const jw_ai_ports *ports);
void jw_ai_transfer_ended(jw_world *world, jw_ai *ai, uint64_t tag, bool is_ok);

typedef struct jw_deployment_def {
    char model[JW_MODEL_ID_SIZE];
    uint32_t version; /* 0: the newest */
    const uint64_t *sites;
    uint32_t site_count;
    uint32_t wave_size;      /* sites a wave; 0: all at once */
    double wave_pause_s;     /* health check after a wave; 0 = 60 */
    double max_failed_share; /* of a wave's sites; beyond it everything is rolled back; 0 = 0.5 */
    uint8_t is_instant;      /* at the start of a scene: images are there already */
} jw_deployment_def;
/* Refused (JW_ERROR_STATE) when a rollout of the same model to one of these sites is still running; one to
 * other sites may. */
jw_result jw_ai_deploy(jw_world *world, jw_ai *ai, const jw_deployment_def *def, jw_deployment_id *out,
                       jw_error *error);
/* Sites that got the version go back to what they served before (the image is still there: no transfer), also
 * those that failed since; a site that a later rollout brought to another version keeps that one. */
jw_result jw_ai_rollback(jw_world *world, jw_ai *ai, jw_deployment_id deployment, jw_error *error);

/* 0: not serving. */
uint32_t jw_ai_serving_version(const jw_ai *ai, uint64_t site, const char *model);
/* Of a version at a service; 0 when unknown. */
double jw_ai_quality(const jw_ai *ai, uint32_t service, uint32_t version);
uint32_t jw_ai_newest_version(const jw_ai *ai, const char *model);

typedef enum jw_deployment_phase {
    JW_DEPLOY_RUNNING,
    JW_DEPLOY_DONE,
    JW_DEPLOY_ROLLED_BACK
} jw_deployment_phase;
typedef struct jw_deployment_state {
    jw_deployment_id id;
    char model[JW_MODEL_ID_SIZE];
    uint32_t version;
    jw_deployment_phase phase;
    uint32_t waves_done, sites_waiting, sites_transferring, sites_serving, sites_failed;
} jw_deployment_state;
uint32_t jw_ai_deployment_count(const jw_ai *ai);
bool jw_ai_deployment(const jw_ai *ai, uint32_t slot, jw_deployment_state *out);

/* A catalogue version becomes known at run time: verb release_model(model, version, image_gb, quality). Verbs
 * with sites belong to twin (deploy_model, rollback_model), since sites are compute's. Tables: deployments
 * (state). Metrics: ai.deployments, .sites_serving_newest, .sites_failed, .bytes_transferred. */

#endif
