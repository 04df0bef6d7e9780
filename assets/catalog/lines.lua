-- Kinds of production lines. Cycle times, failures, shares of defects, crews and money are assumptions of the right
-- order of magnitude (unverified): nobody publishes them for one plant. They are where a planner begins; what the
-- lines do with them follows from the simulation. Failures are by working time. The value of a part
-- is what the line adds to it, beside its material; what is scrapped loses the material.
return {
  -- Structural parts milled from solid: hours a part, few parts, dear scrap, every part inspected.
  { id = "aerospace", side = "west", shifts = 2, shift_start_s = 25200,
    stations = {
      { name = "saw", cycle_s = 420, cycle_cv = 0.1, mtbf_s = 180000, mttr_s = 3600, defect_share = 0.001, buffer = 6 },
      { name = "rough-mill", cycle_s = 780, cycle_cv = 0.1, mtbf_s = 150000, mttr_s = 7200, defect_share = 0.004, buffer = 4 },
      { name = "five-axis", cycle_s = 900, cycle_cv = 0.1, mtbf_s = 120000, mttr_s = 10800, defect_share = 0.012, buffer = 4 },
      { name = "deburr", cycle_s = 600, cycle_cv = 0.4, mtbf_s = 300000, mttr_s = 1800, defect_share = 0.002, buffer = 4 },
      { name = "anodise", cycle_s = 720, cycle_cv = 0.1, mtbf_s = 240000, mttr_s = 7200, defect_share = 0.004 },
    },
    products = { { name = "frame", batch = 20 }, { name = "rib", batch = 30, cycle_scale = 0.7 } }, changeover_s = 2700,
    patience_s = 20, manual_s = 420, manual_quality = 0.95, sample_s = 300, warning_s = 14400, crew = 14, power_kw = 420,
    value_cny = 1500, scrap_cny = 3500, escape_cny = 40000, capital_cny = 60000000,
    unverified = true, source = "assumed; no published figures of one plant" },
  -- Bogie frames: robots weld, every seam is looked at.
  { id = "rail", side = "west", shifts = 2, shift_start_s = 25200,
    stations = {
      { name = "assemble", cycle_s = 1500, cycle_cv = 0.3, mtbf_s = 300000, mttr_s = 1800, defect_share = 0.002, buffer = 3 },
      { name = "robot-weld", cycle_s = 1800, cycle_cv = 0.1, mtbf_s = 90000, mttr_s = 5400, defect_share = 0.015, buffer = 3 },
      { name = "anneal", cycle_s = 1500, cycle_cv = 0, mtbf_s = 400000, mttr_s = 10800, defect_share = 0.001, buffer = 4 },
      { name = "machine", cycle_s = 1680, cycle_cv = 0.1, mtbf_s = 120000, mttr_s = 7200, defect_share = 0.004, buffer = 3 },
      { name = "paint", cycle_s = 1320, cycle_cv = 0.1, mtbf_s = 200000, mttr_s = 5400, defect_share = 0.006 },
    },
    patience_s = 30, manual_s = 900, manual_quality = 0.93, sample_s = 300, warning_s = 14400, crew = 22, power_kw = 650,
    value_cny = 2600, scrap_cny = 2500, escape_cny = 60000, capital_cny = 90000000,
    unverified = true, source = "assumed; no published figures of one plant" },
  -- Granules of herbal medicine into boxes: seconds a box, cheap, cleaned between products.
  { id = "herbal", side = "west", shifts = 3, shift_start_s = 25200,
    stations = {
      { name = "granulate", cycle_s = 2.4, cycle_cv = 0.1, mtbf_s = 50000, mttr_s = 1800, defect_share = 0.002, buffer = 64 },
      { name = "fill", cycle_s = 2.8, cycle_cv = 0.1, mtbf_s = 9000, mttr_s = 240, defect_share = 0.004, buffer = 40 },
      { name = "blister", cycle_s = 3.0, cycle_cv = 0.05, mtbf_s = 7200, mttr_s = 300, defect_share = 0.006, buffer = 40 },
      { name = "carton", cycle_s = 2.6, cycle_cv = 0.1, mtbf_s = 5400, mttr_s = 180, defect_share = 0.003 },
    },
    products = { { name = "granule-a", batch = 9000 }, { name = "granule-b", batch = 6000, cycle_scale = 1.15 } },
    changeover_s = 3600, patience_s = 1.5, buffer = 8, manual_s = 2.5, manual_quality = 0.97, sample_s = 120,
    warning_s = 1800, crew = 12, power_kw = 180, value_cny = 2.2, scrap_cny = 1.5, escape_cny = 40, capital_cny = 24000000,
    unverified = true, source = "assumed; no published figures of one plant" },
  -- Structural steel of excavators and cranes.
  { id = "machinery", side = "west", shifts = 2, shift_start_s = 25200,
    stations = {
      { name = "cut", cycle_s = 360, cycle_cv = 0.1, mtbf_s = 80000, mttr_s = 2700, defect_share = 0.003, buffer = 6 },
      { name = "weld", cycle_s = 540, cycle_cv = 0.25, mtbf_s = 60000, mttr_s = 3600, defect_share = 0.02, buffer = 4 },
      { name = "bore", cycle_s = 480, cycle_cv = 0.1, mtbf_s = 70000, mttr_s = 5400, defect_share = 0.005, buffer = 4 },
      { name = "assemble", cycle_s = 510, cycle_cv = 0.35, mtbf_s = 200000, mttr_s = 1200, defect_share = 0.006, buffer = 3 },
      { name = "test-run", cycle_s = 450, cycle_cv = 0.2, mtbf_s = 150000, mttr_s = 1800, defect_share = 0.001 },
    },
    patience_s = 10, manual_s = 240, manual_quality = 0.9, sample_s = 180, warning_s = 7200, crew = 30, power_kw = 800,
    value_cny = 700, scrap_cny = 900, escape_cny = 8000, capital_cny = 70000000,
    unverified = true, source = "assumed; no published figures of one plant" },
  -- Boards of consumer electronics: surface mounting, optical inspection of each board.
  { id = "electronics", side = "east", shifts = 3, shift_start_s = 25200,
    stations = {
      { name = "print", cycle_s = 16, cycle_cv = 0.05, mtbf_s = 14400, mttr_s = 240, defect_share = 0.004, buffer = 10 },
      { name = "place", cycle_s = 20, cycle_cv = 0.05, mtbf_s = 5400, mttr_s = 180, defect_share = 0.006, buffer = 10 },
      { name = "reflow", cycle_s = 18, cycle_cv = 0, mtbf_s = 86400, mttr_s = 1800, defect_share = 0.003, buffer = 20 },
      { name = "test", cycle_s = 19, cycle_cv = 0.15, mtbf_s = 21600, mttr_s = 600, defect_share = 0.001, buffer = 10 },
      { name = "assemble", cycle_s = 19, cycle_cv = 0.3, mtbf_s = 100000, mttr_s = 300, defect_share = 0.004 },
    },
    products = { { name = "board-a", batch = 1200 }, { name = "board-b", batch = 800, cycle_scale = 1.1 } },
    changeover_s = 1200, patience_s = 1.5, buffer = 6, manual_s = 16, manual_quality = 0.93, sample_s = 120,
    warning_s = 3600, crew = 16, power_kw = 140, value_cny = 14, scrap_cny = 20, escape_cny = 150, capital_cny = 30000000,
    unverified = true, source = "assumed; no published figures of one plant" },
}
