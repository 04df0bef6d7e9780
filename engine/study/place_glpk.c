/* The p-median problem as a mixed integer programme, solved by GLPK: an optional part, for problems that are
 * too large for the search of place_solve.c. */
#include "study/place.h"

#ifdef JW_HAVE_GLPK
#include <glpk.h>

#define STEPS_MAX 20000 /* not a time: the answer would depend on the machine */

/* Columns: is candidate c chosen; then what of demand d goes to candidate c. */
static int chosen_column(uint32_t c)
{
    return (int)c + 1;
}

static int share_column(const jw_place_problem *problem, uint32_t d, uint32_t c)
{
    return (int)(problem->candidate_count + d * problem->candidate_count + c) + 1;
}

static void stop_after_steps(glp_tree *tree, void *context)
{
    if (++*(uint32_t *)context > STEPS_MAX)
        glp_ios_terminate(tree);
}

/* As many are chosen as there are sites, each demand goes somewhere, and to chosen ones only. */
static void add_rows(glp_prob *lp, const jw_place_problem *problem, int *columns, double *values)
{
    uint32_t candidates = problem->candidate_count, demands = problem->demand_count;
    int row = glp_add_rows(lp, (int)(1 + demands + demands * candidates));
    for (uint32_t c = 0; c < candidates; c++) {
        columns[c + 1] = chosen_column(c);
        values[c + 1] = 1;
    }
    glp_set_row_bnds(lp, row, GLP_FX, problem->site_count, problem->site_count);
    glp_set_mat_row(lp, row++, (int)candidates, columns, values);
    for (uint32_t d = 0; d < demands; d++) {
        for (uint32_t c = 0; c < candidates; c++)
            columns[c + 1] = share_column(problem, d, c);
        glp_set_row_bnds(lp, row, GLP_FX, 1, 1);
        glp_set_mat_row(lp, row++, (int)candidates, columns, values);
    }
    for (uint32_t d = 0; d < demands; d++)
        for (uint32_t c = 0; c < candidates; c++) {
            int pair[] = {0, share_column(problem, d, c), chosen_column(c)};
            double signs[] = {0, 1, -1};
            glp_set_row_bnds(lp, row, GLP_UP, 0, 0);
            glp_set_mat_row(lp, row++, 2, pair, signs);
        }
}

static void add_columns(glp_prob *lp, const jw_place_problem *problem)
{
    uint32_t candidates = problem->candidate_count, demands = problem->demand_count;
    double hz = 0;
    for (uint32_t d = 0; d < demands; d++)
        hz += problem->demand[d].requests_hz;
    glp_add_cols(lp, (int)(candidates + demands * candidates));
    for (uint32_t c = 0; c < candidates; c++)
        glp_set_col_kind(lp, chosen_column(c), GLP_BV);
    for (uint32_t d = 0; d < demands; d++)
        for (uint32_t c = 0; c < candidates; c++) {
            const jw_place_demand *at = &problem->demand[d];
            double delay_s = jw_place_fibre_s((jw_vec2){at->x_m, at->y_m}, problem->candidates[c]);
            int column = share_column(problem, d, c);
            glp_set_col_bnds(lp, column, GLP_LO, 0, 0);
            glp_set_obj_coef(lp, column, at->requests_hz / hz * delay_s * 1e6); /* us: near one */
        }
}

jw_result jw_place_glpk(const jw_place_problem *problem, uint32_t *chosen, bool *out_is_proven,
                        jw_error *error)
{
    if ((uint64_t)problem->demand_count * problem->candidate_count > 1000000)
        return jw_fail(error, JW_ERROR_LIMIT, NULL, 0, "GLPK gets at most a million of ways, not %u x %u",
                       problem->demand_count, problem->candidate_count);
    int *columns = jw_alloc((problem->candidate_count + 1) * sizeof *columns);
    double *values = jw_alloc((problem->candidate_count + 1) * sizeof *values);
    if (!columns || !values) {
        jw_free(columns);
        jw_free(values);
        return jw_fail_memory(error);
    }
    glp_term_out(GLP_OFF);
    glp_prob *lp = glp_create_prob();
    glp_set_obj_dir(lp, GLP_MIN);
    add_columns(lp, problem);
    add_rows(lp, problem, columns, values);
    uint32_t steps = 0;
    glp_iocp parameters;
    glp_init_iocp(&parameters);
    parameters.presolve = GLP_ON;
    parameters.msg_lev = GLP_MSG_OFF;
    parameters.cb_func = stop_after_steps;
    parameters.cb_info = &steps;
    glp_intopt(lp, &parameters);
    int status = glp_mip_status(lp);
    uint32_t count = 0;
    for (uint32_t c = 0; c < problem->candidate_count && (status == GLP_OPT || status == GLP_FEAS); c++)
        if (glp_mip_col_val(lp, chosen_column(c)) > 0.5 && count < problem->site_count)
            chosen[count++] = c;
    *out_is_proven = status == GLP_OPT && count == problem->site_count;
    glp_delete_prob(lp);
    glp_free_env();
    jw_free(columns);
    jw_free(values);
    return count == problem->site_count
               ? JW_OK
               : jw_fail(error, JW_ERROR_STATE, NULL, 0, "GLPK found no answer in %u steps", STEPS_MAX);
}
#else
jw_result jw_place_glpk(const jw_place_problem *problem, uint32_t *chosen, bool *out_is_proven,
                        jw_error *error)
{
    (void)problem, (void)chosen, (void)out_is_proven;
    return jw_fail(error, JW_ERROR_UNSUPPORTED, NULL, 0, "built without GLPK: configure with -DJW_GLPK=ON");
}
#endif
