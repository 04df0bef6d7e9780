---@meta
-- Made by `jingwei doc meta`: what a scene or scenario may call, for editors.

---Runs an installed script ("lib/x") or one beside this file ("x") and returns its table; once, and only while loading.
---@param name any
---@return table
function include(name) end

---@class param_arguments
---@field id string name in p and in --set id=value
---@field type string what values it takes
---@field default any value at first; its type goes with `type`
---@field min? number smallest value
---@field max? number largest value
---@field step? number step of its slider
---@field choices? table texts to choose from, for type choice
---@field unit? string as shown: "m", "Gbit/s"
---@field group? string heading it stands under
---@field label table what people read: { en =, zh = }
---@field when? string start: takes effect at the next start; live: at once

---Declares a parameter.
---@param arguments param_arguments
---@return param
function param(arguments) end

---@class scene_arguments
---@field title table name of the scene
---@field map any plan { ... }, osm "file", gpkg "file", sumo "file", or a function of p that returns one
---@field start? string time of day when it begins; 07:00 when left out
---@field warm? string how long the city has been alive when the scene starts: "15min", at most 2 h; simulated before `start` without the scenario, and kept for the next time; streets are empty when left out
---@field seed? integer of all chance in it; 1 when left out
---@field dt? number time step; 0.5 when left out
---@field params? table list of param { ... }; with defaults = list, later params of the same id replace those
---@field build function function(city, p) that places everything
---@field live? table what to do when a live parameter changes: { id = function(twin, value) end }

---Declares a scene: the file returns it.
---@param arguments scene_arguments
---@return scene
function scene(arguments) end

---@class scenario_arguments
---@field title table name of the scenario
---@field predict? table the question before it runs
---@field lesson? table the answer afterwards
---@field measures? table ids of up to 4 metrics whose values at the end say what it did
---@field params? table list of param { ... }
---@field on_start? function function(twin, storage, p) at the beginning
---@field on_reload? function function(twin, storage, p) after the text was changed
---@field timeline? table functions(twin, storage, p) by time: ["08:10"], ["08:10:30"], or from the start ["+2min"], ["+90s"]
---@field every? table functions(twin, storage, p) by period: ["60s"], ["5min"]
---@field on? table functions(twin, storage, p, event): late_request and lost_request (event.type), site_failed (event.name, event.tier), command_failed (event.verb, event.reason)
---@field quarter? function function(twin, storage, p) at the beginning of each quarter of a roadmap: what it orders is in place for the quarter's rush, what it logs before an order is the order's reason
---@field signals? table control of your own: { control = function(junction, storage, p), interval_s =, junctions = }
---@field routing? table choice of sites of your own: { choose = function(request, storage, p), interval_s =, types = }

---Declares a scenario: the file returns it.
---@param arguments scenario_arguments
---@return scenario
function scenario(arguments) end

---@class plan_arguments
---@field style? string "xiongan" or "district"
---@field area_km2? number whole area
---@field seed? integer another one lays out another city
---@field block_m? number side of a small block
---@field clusters? integer built clusters
---@field density_per_km2? number people over the whole area
---@field lake_share? number of the area; below 0: no lake

---A designed city in the manner of Xiong'an.
---@param arguments plan_arguments
---@return map
function plan(arguments) end

---A map of OpenStreetMap (.osm, .osm.gz, .osm.pbf), beside the scene.
---@param file any
---@return map
function osm(file) end

---A GeoPackage written by jingwei and perhaps edited since.
---@param file any
---@return map
function gpkg(file) end

---A network of SUMO (.net.xml, .net.xml.gz), or a configuration (.sumocfg) with its demand.
---@param file any
---@return map
function sumo(file) end

---@class city
local city = {}

---The first place of a kind: station, computing_centre, factory, hospital, school, park, gate, site or other; nil when the map has none.
---@param kind any
---@return place?
function city:place(kind) end

---All places of a kind, in the map's order.
---@param kind any
---@return place[]
function city:places(kind) end

---@class blocks_arguments
---@field by? string most of it first; else in the map's order
---@field use? string only blocks of this use
---@field count? integer at most so many; all when left out
---@field apart_m? number least distance between those taken

---Blocks with x, y, name, use, people, jobs and index.
---@param arguments blocks_arguments
---@return block[]
function city:blocks(arguments) end

---@class site_arguments
---@field id string unique name
---@field tier string what kind of site
---@field at table where: a place or block, or { x =, y = }
---@field racks table list of { card = id, count = n }
---@field queue_max? integer waiting requests per service
---@field pue? number power usage effectiveness, a constant; by temperature and load when left out
---@field base_power_w? number servers without cards, at full load
---@field base_idle_w? number the same at rest, at most base_power_w; that when left out
---@field free_below_c? number outside air alone cools below this; by tier when left out, -100 never
---@field cooling_factor? number of the curve of cooling by temperature; by tier when left out
---@field solar_kw? number rated power of panels at the site
---@field wind_kw? number rated power of turbines at the site
---@field battery? table { capacity_kwh =, power_kw =, efficiency = }
---@field region? string grid region of the catalogue
---@field power_max_kw? number for its computers at full load: cards beyond it are refused; 0: none
---@field core_ms? number one way through the operator's core network (central user plane, firewalls) between fibre and servers; then fibre and masts join at the node ID-core
---@field core_gbps? number of that way; 100 when left out

---A computing site; its network node has the same id.
---@param arguments site_arguments
function city:site(arguments) end

---Ids of the sites so far.
---@param arguments? table
---@return string[]
function city:sites(arguments) end

---Places the sites of a GeoPackage's sites layer; one of an id that exists moves it.
function city:drawn_sites() end

---@class region_arguments
---@field id string name in sites
---@field kgco2_per_kwh? number of the mix, mean of the year
---@field price_cny_per_kwh? number tariff of large users, mean of the day
---@field green_share? number direct green power
---@field temperature_c? number mean of the year
---@field season_c? number half the way from mid-January to mid-July
---@field day_c? number half the way from 3:00 to 15:00
---@field latitude_deg? number for the sun
---@field longitude_deg? number for the sun; clocks go by 120 degrees east
---@field sky? number share of clear-sky sun that a rated kW gives
---@field wind_mps? number mean at hub height
---@field solar_share? number of the mix's energy
---@field price_factor? table 24 numbers: the price of each hour over the mean

---Changes a grid region of the catalogue, or adds one; what is left out stays as it was.
---@param arguments region_arguments
function city:region(arguments) end

---@class calendar_arguments
---@field day_of_year integer of the first midnight: 15 January is 15, 15 July is 196

---The day of the year, for temperature and sun; mid-April when left out.
---@param arguments calendar_arguments
function city:calendar(arguments) end

---@class fibre_arguments
---@field shape string "ring", "star" or "tree"
---@field capacity_gbps number of each link
---@field nj_per_bit? number energy of a bit over each link
---@field queue_bytes? integer of messages before each transmitter; what it sends in 1 s when left out
---@field max_flows? integer each way, one more is refused; any number when left out
---@field through? table list of site ids; all sites when left out

---Joins sites by fibre.
---@param arguments fibre_arguments
function city:fibre(arguments) end

---@class topology_arguments
---@field file string beside the scene, or "networks/x" of the installed assets: node-link JSON, GraphML, SNDlib, or a GeoPackage with the layers nodes and links
---@field join table { [node of the file] = id of a site or node that stands there }, one or more
---@field capacity_gbps? number of links of which the file does not say it; 100 when left out
---@field join_gbps? number of the fibre from a node to what is joined there; 100 when left out

---A network from a file, such as a backbone beyond the map, joined to sites of it; its nodes have the names of the file, with - for signs that ids do not have.
---@param arguments topology_arguments
function city:topology(arguments) end

---@class cells_arguments
---@field spacing_m number between neighbours of the lattice
---@field band_ghz? number 3.5 when left out
---@field bandwidth_mhz? number a channel of 3GPP TS 38.101; the band's usual one (100 at 2.6 to 4.9 GHz) when left out
---@field subcarrier_khz? number 15, 30, 60 or 120; the band's usual one when left out
---@field sectors? integer cells at each place, evenly around it, the first looking to azimuth_deg; 1 when left out
---@field antenna? string alike to all sides, of TR 38.901, of TR 36.814, or an array with a beam for each user; omni, with several sectors sector, when left out
---@field azimuth_deg? number clockwise from north; 0 when left out
---@field tilt_deg? number below the horizon; 0 when left out
---@field cqi_table? string the highest modulation; 64qam when left out
---@field sleep_load? number below it a cell may sleep when its users hear another; never when left out
---@field power_dbm? number 44 when left out
---@field height_m? number antenna; 10 (umi) or 25 (uma) when left out
---@field downlink_share? number of time; 0.75 when left out
---@field scenario? string of 3GPP TR 38.901; umi when left out
---@field fibre_gbps? number to the nearest site; 25 when left out
---@field count_max? integer further apart where it would take more; an error without it

---5G cells on a hexagonal lattice over the built land, each wired to the nearest site.
---@param arguments cells_arguments
function city:cells(arguments) end

---@class roadside_units_arguments
---@field camera_range_m? number 100 when left out; 0: no camera
---@field radar_range_m? number 200 when left out; 0: no radar
---@field range_m? number messages are not taken farther away; 500 when left out
---@field power_dbm? number radiated; 29 when left out
---@field height_m? number of the pole; 6 when left out
---@field signal_hz? number messages with the signals' phases and times; 10 when left out
---@field perception_hz? number messages with the road users seen; 10 when left out
---@field busy_limit? number of the channel: what is beyond is not sent; 0.65 when left out
---@field vehicle_hz? number messages of each connected vehicle; 10 when left out
---@field signal_bytes? number of a message with the signals; 400 when left out
---@field vehicle_bytes? number of a vehicle's message; 300 when left out
---@field count_max? integer the first so many of the map's junctions with signals; all when left out

---A roadside unit at each junction with signals: it sees who is there and broadcasts that and what the signals will show.
---@param arguments roadside_units_arguments
function city:roadside_units(arguments) end

---@class radio_arguments
---@field a3_offset_db? number a cell must be stronger than the serving one by this and the hysteresis; 3 when left out
---@field a3_hysteresis_db? number 1 when left out
---@field a3_trigger_s? number for so long, then the user is handed over; 0.16 when left out
---@field t310_s? number out of synchronisation for so long a link has failed; 1 when left out
---@field up_p0_dbm? number uplink power wished for at the cell, each resource block; -80 when left out
---@field up_alpha? number share of the loss that terminals make up for; 0.8 when left out
---@field user_background_bps? number downlink traffic of each user beside its messages; 0 when left out
---@field interval_s? number between looks at a user; each step when left out
---@field sight? string line of sight by the map's buildings, or drawn by the standard's probability; buildings when left out
---@field shadowing? boolean shadow fading; true when left out
---@field failover_s? number from a link's failure to new routes; 0.05 when left out
---@field message_timeout_s? number a message without a route or a cell waits so long; 2 when left out

---Handover, power and fading of the radio, and times of the network: what a call leaves out stays.
---@param arguments radio_arguments
function city:radio(arguments) end

---@class radio_users_arguments
---@field kbps_per_resident? number what residents use at home by radio, mean over the day, each block one user; 9 when left out; 0: none
---@field cameras? boolean send their pictures over their cell, not by fibre; false when left out
---@field factories? boolean likewise; false when left out

---Radio users that stand still: home blocks, and cameras and factories that are not wired.
---@param arguments radio_users_arguments
function city:radio_users(arguments) end

---@class cameras_arguments
---@field at string every junction with signals
---@field interval_s? number between pictures; 2 when left out

---Cameras whose pictures decide the signals.
---@param arguments cameras_arguments
function city:cameras(arguments) end

---@class signals_arguments
---@field control? string of every signal at the start; as the map says when left out
---@field passage_s? number actuated: a green whose detectors are empty so long ends; 2 when left out
---@field detector_m? number length of the detectors before the stop lines; 20 when left out
---@field decision_s? number max_pressure and outside: between decisions; 5 when left out
---@field wave_kmh? number green_wave: progression speed; the limits when 0
---@field wave_cycle_s? number green_wave: cycle; the longest of a chain when left out
---@field priority? boolean for buses and emergency vehicles
---@field priority_s? number that a bus may hold or cut a green; 10 when left out
---@field connected_share? number of motor vehicles that follow advised speeds; none when left out

---How signals are controlled.
---@param arguments signals_arguments
function city:signals(arguments) end

---@class production_line_arguments
---@field id string unique name
---@field kind? string of the catalogue: what is left out is as it says there
---@field park string industrial park it belongs to
---@field at table where: a place or block, or { x =, y = }
---@field cycle_s? number ideal time a part; 4 when left out
---@field mtbf_s? number of work between failures; 4 h when left out
---@field mttr_s? number mean time to repair; 10 min when left out
---@field defect_share? number of parts made, where no stations are listed; 0.02 when left out
---@field stations? table list of up to 8 { name, cycle_s, cycle_cv, mtbf_s, mttr_s, defect_share, buffer }; one when left out
---@field products? table list of up to 4 { name, batch, cycle_scale }, made in turn
---@field changeover_s? number of each station to the next product; 0 when left out
---@field shifts? integer a day; around the clock when left out
---@field shift_start_s? number of the first, since midnight; 0 when left out
---@field shift_s? number length of each; 8 h when left out
---@field patience_s? number deadline of a verdict; 1 when left out
---@field buffer? integer parts that may wait for a verdict, and behind stations that say none; 4 when left out
---@field fallback? string what happens to a part without a verdict
---@field manual_s? number a person's look; 6 when left out
---@field manual_quality? number share of right verdicts; 0.9 when left out
---@field sample_s? number of work between sensor samples that ask for a prognosis; none when left out
---@field warning_s? number of work before a failure that its signs are there; 1 h when left out
---@field planned_s? number repair before a failure; a quarter of the station's mttr_s when left out
---@field alarms? integer in a row that stop a station; 3 when left out
---@field crew? integer people a shift; none when left out
---@field power_kw? number while it works; 0 when left out
---@field value_cny? number of a good part; 200 when left out
---@field scrap_cny? number lost with a scrapped part; 80
---@field escape_cny? number of a defect at the customer; 600
---@field capital_cny? number that the line cost; 0 when left out

---A production line whose parts are inspected by a model.
---@param arguments production_line_arguments
function city:production_line(arguments) end

---@class economic_region_arguments
---@field id string unique name
---@field side string of the country
---@field skilled? integer people whom parks may employ
---@field unskilled? integer people who may be trained
---@field researchers? integer people
---@field decline_per_year? number share of people who retire, net of who comes
---@field venture_cny? number what its venture capital has

---A region of the economy with its people and its capital.
---@param arguments economic_region_arguments
function city:economic_region(arguments) end

---@class park_arguments
---@field id string unique name; lines name it as their park
---@field region string economic region
---@field detailed? boolean its lines stand in the city and ask over its network; else they go the park's own way
---@field fibre_gbps? number to its computers
---@field power_kw? number of its connection
---@field people? integer employed, out of the region's skilled
---@field inference_per_s? number pictures that its computers begin
---@field inference_s? number for one; 0.05 when left out
---@field quality? number of the model there
---@field picture_bytes? number 500,000 when left out
---@field distance_km? number to its computers
---@field cash_cny? number at the start

---An industrial park, with what it has for its lines.
---@param arguments park_arguments
function city:park(arguments) end

---@class parks_arguments
---@field count integer of parks
---@field east string economic region of those in the east
---@field west string and of those in the west
---@field seed? integer of their parameters; 0 when left out
---@field lines_max? integer each has one to so many; 3 when left out
---@field west_share? number 0.5 when left out

---Parks elsewhere with lines of the catalogue's kinds, their parameters drawn by the seed.
---@param arguments parks_arguments
function city:parks(arguments) end

---@class startup_arguments
---@field id string unique name
---@field region string economic region
---@field cash_cny? number at the start
---@field build_cny number to be able to deliver
---@field fixed_cny number cost of a quarter
---@field price_cny number of a unit
---@field unit_cost_cny? number of making one
---@field capacity integer units a quarter
---@field build_quarters integer until the first delivery
---@field demand_share number of quarters in which the market buys

---A start-up that sells to the programme.
---@param arguments startup_arguments
function city:startup(arguments) end

---@class fund_arguments
---@field size_cny number called in equal tranches, one a quarter
---@field tranches? integer 4 when left out
---@field leverage? number money at work for each yuan of the fund; 1 when left out
---@field base_rate? number of lending without risk; 0.03 when left out
---@field private_rate? number discount rate of private owners; 0.12 when left out
---@field state_rate? number discount rate of the state; 0.04 when left out
---@field loan_quarters? integer of repayment; 20 when left out
---@field recovery? number share of a defaulted loan that comes back; 0 when left out

---The fund and how lenders lend.
---@param arguments fund_arguments
function city:fund(arguments) end

---@class budget_arguments
---@field cny number at the start
---@field quarterly_cny? number more each quarter
---@field site_cny? number a new site without its cards; 200,000 when left out
---@field rollout_cny? number work of a rollout, a site; 10,000 when left out

---The city's money for computers and models: without it they cost nothing.
---@param arguments budget_arguments
function city:budget(arguments) end

---@class productivity_arguments
---@field alpha? number share of capital; 0.4 when left out
---@field service_cny_per_hour? number value of digital services when all are in time; 0 when left out
---@field energy_cny_per_kwh? number 0.60 when left out
---@field wage_cny_per_hour? number 40 when left out
---@field carrying_rate? number of the value of parts in process; 0.2 when left out

---Figures that productivity is computed with.
---@param arguments productivity_arguments
function city:productivity(arguments) end

---@class equipment_arguments
---@field fibre_cny_per_km? number 50,000 when left out
---@field power_cny_per_kw? number 5,000 when left out
---@field training_cny? number a person; 10,000 when left out
---@field inference_cny? number a picture a second; 3,000 when left out
---@field fibre_quarters? integer until it is there; 1 when left out
---@field power_quarters? integer 2 when left out
---@field people_quarters? integer 1 when left out
---@field inference_quarters? integer 1 when left out

---What parks pay for what they lack, and how long it takes.
---@param arguments equipment_arguments
function city:equipment(arguments) end

---@class rollout_arguments
---@field model string id in the catalogue
---@field version integer served from the start
---@field tiers table list of tiers whose sites serve it

---A model version that sites serve when the run starts.
---@param arguments rollout_arguments
function city:rollout(arguments) end

---@class approval_arguments
---@field review_from? integer risk (data x autonomy x reach, 1 to 36) from which a version is reviewed; 5 when left out
---@field trial_from? integer risk from which it is reviewed and put on trial; 13 when left out
---@field reviewers? integer people; 2 when left out
---@field review_days? number working days of a review in the mean, exponential; 10 when left out (unverified)
---@field day_s? number of the clock for a working day; 28800 when left out
---@field review_finds? number share of versions worse than declared that a review refuses; 0.3 when left out (unverified)
---@field trial_decisions? integer decisions that a trial judges; 200 when left out
---@field trial_margin? number error share above the declared one that passes; 0.05 when left out
---@field bad_share? number of new versions, worse than declared; 0.2 when left out (unverified)
---@field bad_loss? number of their quality in the mean, exponential; 0.1 when left out (unverified)
---@field tolerance? number loss of quality up to which an approval is not wrong; 0.02 when left out
---@field complaint_share? number of people who meet a wrong decision, complain; 0.001 when left out (unverified)
---@field drift? number quality that a version loses in another city than it was made of; 0 when left out (unverified)
---@field fast_track? boolean each version goes one track lower

---Model versions need approval before they may be deployed; what is left out stays as it was.
---@param arguments approval_arguments
function city:approval(arguments) end

---@class dataset_arguments
---@field id string unique name
---@field sector string transport, health, tax, logistics, industry, ...
---@field size_gb number of the volume
---@field home string id of the site it comes from
---@field residency? string where it may lie and be read: anywhere, not in the west, or at sites of its home's district
---@field replicas? table ids of other sites where it lies from the start

---A dataset: a volume at a site, that others copy and read over the network.
---@param arguments dataset_arguments
function city:dataset(arguments) end

---@class sector_arguments
---@field id string tax, health, logistics, transport, industry, ...
---@field owner string who decides on uses, for people
---@field purposes? table names of the uses that it allows; none when left out

---A sector that owns data, and the uses that it allows.
---@param arguments sector_arguments
function city:sector(arguments) end

---@class data_source_arguments
---@field id string unique name
---@field kind? string of the catalogue: what is left out is as it says there
---@field sector? string that owns it; the kind's when left out
---@field home string id of the site where it is made
---@field schema? string name of its form
---@field feed? string what makes records: time, or what the city really does; clock when left out
---@field records_per_day? number by the clock; of another feed before the start only; 0 when left out
---@field records_per_person_day? number the same of each of its persons; 0 when left out
---@field records_per_event? number of a picture answered, trip ended or part inspected; 1 when left out
---@field history_days? number of records_per_day that are there at the start; 0 when left out
---@field record_bytes? number of a record
---@field quality? number share of right and complete records
---@field sensitivity? number of a record: 0 open, 1 personal, above: special
---@field coverage? number share of the people, vehicles or parts in question that it knows
---@field match? number share of records with a key by which another source finds them
---@field persons? integer that its records are about; 0 when left out: about nobody
---@field effort_days? number of a person, to understand it
---@field residency? string where its records may lie

---A source of records that a sector owns.
---@param arguments data_source_arguments
function city:data_source(arguments) end

---@class data_consumer_arguments
---@field id string unique name, and that of the dataset which grows at its site
---@field purpose string that it declares
---@field site string id of the site
---@field sources table ids of up to 12 sources that it wants
---@field joined? boolean records are joined by their keys
---@field effort_days? number of a person, to understand what it needs; 10 when left out (unverified)

---Who wants records of sources, for a purpose; they come when a scenario connects them.
---@param arguments data_consumer_arguments
function city:data_consumer(arguments) end

---@class data_fabric_arguments
---@field mode? string an adapter for each pair, or to a substrate; point_to_point when left out
---@field substrate? string id of the site where it stands; none when left out
---@field substrate_days? number of a person, to build it; 120 when left out (unverified)
---@field substrate_packages? integer of equal work in which it is built; 12 when left out (unverified)
---@field schema_days? number of a person, for each adapter to the unified schema; 3 when left out (unverified)
---@field integrators? integer people who build adapters; 6 when left out (unverified)
---@field day_s? number of the clock for a working day; 86400 when left out
---@field cny_per_day? number of a person; 2000 when left out (unverified)
---@field batch_s? number between batches of records; 60 when left out
---@field check_share? number of wrong or incomplete records that adapters find; 0.8 when left out (unverified)
---@field rework_share? number of a source's effort when its schema changes; 0.4 when left out (unverified)

---How sources and consumers come together; what is left out stays as it was.
---@param arguments data_fabric_arguments
function city:data_fabric(arguments) end

---@class connect_arguments
---@field share? number of motor vehicles that are radio users; above 0, all shuttles are
---@field assistant_per_hour? number questions of a connected vehicle
---@field cautious_shuttles? boolean shuttles slow down before junctions that they do not see into, unless a roadside unit tells them who comes; true when left out

---Vehicles that are radio users, and how often they ask the assistant.
---@param arguments connect_arguments
function city:connect(arguments) end

---@class llm_trace_arguments
---@field id string of who sends, as a crowd's
---@field file string CSV of the Azure LLM inference traces: TIMESTAMP, ContextTokens, GeneratedTokens; beside the scene
---@field at table where they come from: a place or block, or { x =, y = }
---@field request? string their type; "assistant" when left out
---@field rate? number so many times as many a second
---@field start? string of the first one; when the run starts, when left out

---Recorded requests to a language model, sent from a place as they were.
---@param arguments llm_trace_arguments
function city:llm_trace(arguments) end

---@class demand_arguments
---@field model string none: nothing so far; gravity over people and jobs; od: a matrix; trips: a list; chains: persons on their day; through: from gate to gate
---@field file? string of od: CSV with from, to, begin, end, count, class (optional); of trips: CSV with depart, from, to, class, route, tag (all but depart optional); beside the scene
---@field zones? table zones that files name, as polygons: { north = { { x =, y = }, ... } }; known without: edge:N, block:N, gate:N, names of places and blocks, kinds of place
---@field factor? number times the usual gravity, through and od
---@field trips_per_person_day? number gravity: by vehicle
---@field decay_per_km? number of attraction with distance
---@field per_day? number through: vehicles between the map's gates
---@field per_resident? number chains: persons with a vehicle for each resident; 0.35 when left out
---@field work_share? number chains: of persons who go to work
---@field stop_share? number chains: of those who work, stop elsewhere on the way home
---@field through_share? number gravity: of trips between the map's gates
---@field truck_share? number of trips; the rest are cars
---@field shuttle_share? number autonomous shuttles
---@field ebike_share? number electric bicycles
---@field bicycle_share? number bicycles
---@field electric_cars? number share of the cars that are electric
---@field electric_buses? number of the buses
---@field electric_trucks? number of the trucks
---@field peak? string hours of an additional peak, "07:30-09:00"
---@field peak_factor? number times the demand within it
---@field walks_per_person_day? number trips on foot of residents, to blocks within 1.5 km, times factor; beside any model but none
---@field yield_share? number of drivers who stop for people who wait at a crossing without signals; 0.5 when left out
---@field max_running? integer departures wait beyond it; 0: no bound

---Traffic demand: calls of different models add up, and files add up; what a call leaves out stays as it was.
---@param arguments demand_arguments
function city:demand(arguments) end

---@class bus_line_arguments
---@field id string unique name or number of the line
---@field through table list of places, blocks or { x =, y = }, each served in the best street within 600 m, or numbers of edges; buses drive there and back
---@field headway_min? any between departures, 1/3 to 1440; or by time of day: { ["06:00"] = 10, ["07:00"] = 5 }; 10 when left out
---@field first? string first departure, of both ends; 06:00 when left out
---@field last? string last departure; 22:00 when left out
---@field stop_spacing_m? number of the stops between the places; 450 when left out
---@field one_way? boolean buses drive back empty
---@field loop? boolean from the last place on to the first
---@field fleet? integer buses; as many as the timetable needs when left out
---@field capacity? integer passengers of a bus; 80 when left out
---@field passengers_per_day? number 0.1 for each resident and job within 400 m of the stops when left out
---@field hold? string why a bus waits at a stop though all have boarded; timetable when left out
---@field bays? string stops beside the lane: where 60 km/h are allowed (fast, when left out), nowhere, everywhere
---@field class? string bus when left out
---@field optional? boolean where the map has no street for it, the line is left out with a note

---A bus line through some places, there and back, with stops between.
---@param arguments bus_line_arguments
function city:bus_line(arguments) end

---@class detector_arguments
---@field id string its name
---@field edge integer number of the street's direction
---@field lane? integer 0 at the kerb, as when left out
---@field position_m? number along the lane, below 0 from its end; -10 when left out
---@field length_m? number of an area that begins there; a loop when left out

---An induction loop across a lane, or an area of one; the table detectors has what it counts, by interval.
---@param arguments detector_arguments
function city:detector(arguments) end

---@class request_arguments
---@field id string "signal", "inspection", "assistant"
---@field service? string id in the catalogue
---@field up_bytes? integer sent with it
---@field down_bytes? integer of the answer
---@field items? integer pictures, or prompt tokens in the mean
---@field output_tokens? integer in the mean
---@field deadline_s? number later is late
---@field timeout_s? number later is lost
---@field policy? string how its site is chosen; default: the city's
---@field residency? string where its data may go: anywhere, not west, or not out of the sender's district (of the nearest edge site)
---@field admission? number refused when the forecast is later than so many deadlines; 0, as when left out: never
---@field retries? integer further tries at most
---@field retry_budget? number retries and hedges per request sent; 0.2 when left out
---@field hedge? number a second copy goes to another site when this share of the answers would be there (0.95); 0: never
---@field deferrable? boolean under the carbon policy it may wait, within its deadline, for an hour with less CO2

---Changes a request type, or adds one.
---@param arguments request_arguments
function city:request(arguments) end

---@class policy_arguments
---@field name? string of types that have none of their own
---@field breaker? boolean circuit breakers between request types and sites
---@field window? integer outcomes that a breaker looks at; 20 when left out
---@field failure_share? number of them failed: it opens; 0.5 when left out
---@field open_s? number before it lets one through; 10 when left out
---@field trials? integer answers in a row that close it; 3 when left out

---How requests choose their site, and the breakers between them.
---@param arguments policy_arguments
function city:policy(arguments) end

---@class crowd_arguments
---@field id string unique name
---@field type string id of a request type
---@field at table where: a place or block, or { x =, y = }
---@field per_s number requests in the mean, as a Poisson process

---People or machines at a place who send requests of a type.
---@param arguments crowd_arguments
function city:crowd(arguments) end

---@class scale_arguments
---@field service string id in the catalogue
---@field site? string id of a site; each that serves it when left out
---@field min? integer instances; 0: none without work; 1 when left out
---@field max integer instances, as far as the site's free cards go
---@field target? number busy share of the instances; 0.7 when left out
---@field queue_target? number waiting requests an instance; 4 when left out
---@field interval_s? number between decisions; 15 when left out
---@field cooldown_s? number that fewer must be wanted before there are fewer; 60 when left out
---@field load_gbyte_per_s? number of an image into a card; 2 when left out (unverified)

---Instances of a service at a site follow its load.
---@param arguments scale_arguments
function city:scale(arguments) end

---@class card_faults_arguments
---@field site? string id of a site; each when left out
---@field mtbf_h number mean time between failures of one card
---@field mttr_h number mean time to repair

---Cards fail and are repaired by chance, after exponential times.
---@param arguments card_faults_arguments
function city:card_faults(arguments) end

---@class decider_arguments
---@field kind string of decision, as in the table decisions
---@field by? string model when left out
---@field guess_error? number share of wrong ones by guessing
---@field ages_s? number time constant at which what is known becomes a guess; 0: it does not
---@field human_s? number that a person takes for one
---@field human_quality? number share of a person's right ones
---@field staff? integer people at it

---Who decides a kind of thing, and how well people would.
---@param arguments decider_arguments
function city:decider(arguments) end

---@class desk_arguments
---@field id string unique
---@field kind string what is decided: which class a case is, or whether its papers are right
---@field at table where it is
---@field cases_per_h number that come
---@field servers integer people who serve
---@field service_s number that one takes in the mean
---@field patience_s? number for an answer; 30 when left out
---@field manual_s? number clearing by hand takes; three times service_s when left out
---@field rework_s? number until a case cleared wrongly is back; 600 when left out
---@field classes? table list of up to 4 { name, share, limit_s }, the most urgent first; one when left out

---A desk where cases queue for people: a clinic, a tax office, a freight office.
---@param arguments desk_arguments
function city:desk(arguments) end

---@class incidents_arguments
---@field per_million_km? number breakdowns that block a lane, in a million vehicle-km; 20 when left out
---@field range_m? number that cameras see; 150 when left out
---@field look_s? number between a camera's pictures; 15 when left out
---@field confirm? integer pictures in a row in which a model must see it; 3 when left out
---@field phone_s? number until somebody phones; 300 when left out
---@field crews? integer that clear the road; 2 when left out
---@field crew_kmh? number on their way; 25 when left out
---@field clear_s? number in the mean; 600 when left out
---@field at? table where crews stand at first

---Vehicles break down and block a lane until cameras or somebody with a phone found them and a crew cleared the road.
---@param arguments incidents_arguments
function city:incidents(arguments) end

---Signals heed buses whose coming is predicted (kind bus of decisions), and emergency vehicles.
function city:bus_priority() end

---@class couple_arguments
---@field radio? boolean vehicles are radio users
---@field signals? boolean cameras ask, answers set signals
---@field factory? boolean lines ask for inspection
---@field assistant? boolean vehicles ask a language model
---@field energy? boolean requests cost energy, carbon, money
---@field rollout? boolean model images cross the links
---@field advice? boolean vehicles that hear a signal's times meet its green

---Switches couplings between the domains on or off.
---@param arguments couple_arguments
function city:couple(arguments) end

---@class rows
local rows = {}

---How many rows there are.
---@return integer
function rows:count() end

---A column as an array: numbers, texts, or seconds for times.
---@param name any
---@return any[]
function rows:column(name) end

---What commands call the rows: names, or numbers of edges and junctions.
---@return any[]
function rows:ids() end

---The id of the first row; nil without rows.
---@return any?
function rows:first() end

---The id of the last row.
---@return any?
function rows:last() end

---The smallest value; nil without rows.
---@param column any
---@return number?
function rows:min(column) end

---The largest value.
---@param column any
---@return number?
function rows:max(column) end

---The mean of the values.
---@param column any
---@return number?
function rows:mean(column) end

---The sum of the values.
---@param column any
---@return number
function rows:sum(column) end

---The id of the row with the smallest value, the first of equals.
---@param column any
---@return any?
function rows:arg_min(column) end

---The id of the row with the largest value, the first of equals.
---@param column any
---@return any?
function rows:arg_max(column) end

---@class twin
local twin = {}

---Time of day in seconds.
---@return number
function twin:time_s() end

---Time of day, "08:10:30".
---@return string
function twin:time() end

---A metric's value now.
---@param name any
---@return number
function twin:metric(name) end

---The rows of a table; twin:edges{...} is the same as twin:table("edges", {...}).
---@param name any
---@param filter? any
---@return rows
function twin:table(name, filter) end

---A line in the list of events; zh: the same in Chinese.
---@param text any
---@param zh? any
function twin:log(text, zh) end

---Closes a lane: vehicles on it leave it, nobody enters it.
---@param edge number number of the edge
---@param lane number lane of the edge, 0 at the kerb
function twin:close_lane(edge, lane) end

---Opens a closed lane.
---@param edge number number of the edge
---@param lane number lane of the edge, 0 at the kerb
function twin:open_lane(edge, lane) end

---Closes all lanes of one direction of a road.
---@param edge number number of the edge
function twin:close_edge(edge) end

---Opens all lanes of one direction of a road.
---@param edge number number of the edge
function twin:open_edge(edge) end

---Sets the speed limit of an edge.
---@param edge number number of the edge
---@param speed_kmh number the new limit
function twin:set_speed_limit(edge, speed_kmh) end

---Multiplies the demand drawn from now on.
---@param factor number of the drawn demand
function twin:set_demand_factor(factor) end

---One vehicle departs now, by the shortest way.
---@param from_edge number where the trip begins
---@param to_edge number where it ends
---@param class? string car (default), truck, bus, shuttle, emergency, bicycle, ebike
function twin:add_trip(from_edge, to_edge, class) end

---What decides how long the greens of signals last.
---@param mode string as_mapped, fixed, actuated, max_pressure, green_wave, outside or extended
---@param programme? number number of the signal programme; -1: all
function twin:signal_control(mode, programme) end

---Asks a signal programme for a green phase, after amber, all-red and least greens.
---@param programme number number of the signal programme
---@param phase number number of a green phase
---@param for_s? number then its own control takes over
function twin:signal_request(programme, phase, for_s) end

---Signals that heed buses and emergency vehicles.
---@param on number 1: buses get longer or earlier greens, emergency vehicles theirs at once
---@param programme? number number of the signal programme; -1: all
function twin:signal_priority(on, programme) end

---Connected vehicles on the edge drive no faster: speed advice before a signal.
---@param edge number that ends at a signal
---@param speed_kmh number that connected vehicles drive at most; 0: none
---@param for_s? number how long
function twin:advise_speed(edge, speed_kmh, for_s) end

---One cycle and offsets for the signals along a street; the table waves has the bands.
---@param from number junction where the wave begins
---@param to number junction where it ends, straight on from there
---@param speed_kmh? number progression speed; 0: the limits
---@param cycle_s? number of all of them; 0: the longest of theirs
---@param both? number 1: bands in both directions, 0: from the first to the last alone
function twin:green_wave(from, to, speed_kmh, cycle_s, both) end

---Something stands on a lane for a while: vehicles stop behind it or change lanes.
---@param edge number number of the edge
---@param lane number lane of the edge, 0 at the kerb
---@param position_m number from the beginning of the edge
---@param duration_s? number until the road is clear again
function twin:incident(edge, lane, position_m, duration_s) end

---Works take a lane for some hours; beside them a lower limit holds.
---@param edge number number of the edge
---@param lane number lane of the edge, 0 at the kerb
---@param hours? number until the lane is open again
---@param limit_kmh? number on the other lanes; 0: the limit as it is
function twin:works(edge, lane, hours, limit_kmh) end

---Rain for a while: all drive slower and keep more distance (HCM 2010, Exhibit 10-15).
---@param rain_mm_per_h number up to 2.54 light, up to 6.35 moderate, then heavy
---@param hours? number how long
function twin:rain(rain_mm_per_h, hours) end

---Fog for a while: all drive slower and keep more distance (HCM 2010, Exhibit 10-15).
---@param visibility_m number how far one sees
---@param hours? number how long
function twin:fog(visibility_m, hours) end

---A large event: visitors come in a wave, stay, and leave in a wave.
---@param where string a place or block by name, a kind of place, block:N, edge:N
---@param vehicles? number that visitors come in
---@param start_min? number from now until it starts
---@param duration_min? number from its start to its end
---@param arrive_min? number the first arrive so long before the start
---@param leave_min? number the last leave so long after the end
function twin:event(where, vehicles, start_min, duration_min, arrive_min, leave_min) end

---Parents bring children to a school and drive back; a lower limit holds around it.
---@param where string as of event: "school" is the first one
---@param vehicles? number that bring children
---@param minutes? number within which they come
---@param radius_m? number around it where the limit holds
---@param limit_kmh? number there
function twin:school_hour(where, vehicles, minutes, radius_m, limit_kmh) end

---An emergency vehicle departs now; signals on its way turn green before it.
---@param from_edge number where it departs
---@param to_edge number where it is called to
function twin:emergency(from_edge, to_edge) end

---Residents of a circle leave it for the nearest gate of the map.
---@param x number centre of the circle
---@param y number centre of the circle
---@param radius_m? number of the circle
---@param vehicles_per_resident? number in which they leave
function twin:evacuate(x, y, radius_m, vehicles_per_resident) end

---Ends a disturbance before its time.
---@param number number as in the table "disturbances"
function twin:end_disturbance(number) end

---An induction loop across a lane: counts, occupancy and speed in the table detectors.
---@param name string its own, up to 47 bytes
---@param edge number number of the edge
---@param lane number lane of the edge, 0 at the kerb
---@param position_m number along the lane; below 0: from its end
---@param length_m number of an area that begins there; 0: a loop
function twin:add_detector(name, edge, lane, position_m, length_m) end

---A bus line through some edges or places, there and back; buses come by its timetable.
---@param id string unique name
---@param through string edges with blanks between, or places and zones with commas between: "12 340 77", "station, block:7"
---@param headway_s? number between departures
---@param one_way? number 1: buses drive back empty
---@param loop? number 1: from the last on to the first
---@param stop_spacing_m? number of the stops between; -1: none
---@param fleet? number 0: as many as the timetable needs, and one
---@param capacity? number passengers of a bus
---@param passengers_per_day? number 0: by the people and jobs around; -1: none
---@param hold? string timetable (default), headway or none
---@param bays? string fast (default: where 60 km/h are allowed), none or all
---@param class? string bus (default) or shuttle
function twin:add_bus_line(id, through, headway_s, one_way, loop, stop_spacing_m, fleet, capacity, passengers_per_day, hold, bays, class) end

---Ends a bus line: buses finish their runs, those who wait leave.
---@param id string the line
function twin:remove_bus_line(id) end

---Time between the departures of a bus line, from the next one on.
---@param id string the line
---@param headway_s number between departures
function twin:set_headway(id, headway_s) end

---Somebody walks from the pavement nearest to one place to that nearest to another.
---@param from_x number where the walk begins, from the city's origin to the east
---@param from_y number and to the north
---@param to_x number where it ends
---@param to_y number 
function twin:add_walk(from_x, from_y, to_x, to_y) end

---cuts a link, or all links of a node
---@param name string a link, or a node: all its links
function twin:cut_link(name) end

---repairs what cut_link cut
---@param name string a link, or a node: all its links
function twin:repair_link(name) end

---switches a cell off
---@param name string a cell
function twin:fail_cell(name) end

---switches a cell on again
---@param name string a cell
function twin:repair_cell(name) end

---lays a fibre between two nodes
---@param from string a network node
---@param to string another one
---@param capacity_gbps number each way
function twin:add_link(from, to, capacity_gbps) end

---sets up a cell (UMi, 3.5 GHz, 100 MHz)
---@param name string of the new cell
---@param node string network node it hangs on
---@param x number east of the city's origin
---@param y number north of the city's origin
function twin:place_cell(name, node, x, y) end

---a computing site without network: place_edge_site also wires it
---@param name string a new id
---@param tier string roadside, base_station, park, edge, city or west
---@param x number east of the city's origin
---@param y number north of the city's origin
---@param card string id in the catalogue
---@param count? number cards
function twin:place_site(name, tier, x, y, card, count) end

---a site's computers fail: what they hold is rejected
---@param name string id of the site
function twin:fail_site(name) end

---a failed site serves again
---@param name string id of the site
function twin:repair_site(name) end

---a rack of a site fails: what its cards hold is rejected, the rest goes on
---@param name string id of the site
---@param rack? number in the order of the site's definition, from 0
function twin:fail_rack(name, rack) end

---a rack's working cards serve again
---@param name string id of the site
---@param rack? number in the order of the site's definition, from 0
function twin:repair_rack(name, rack) end

---a card of a site fails: what its instance holds is rejected, the rest goes on
---@param name string id of the site
---@param rack? number in the order of the site's definition, from 0
---@param card? number among the rack's working cards, those in service first, from 0
function twin:fail_card(name, rack, card) end

---one failed card of a rack works again
---@param name string id of the site
---@param rack? number in the order of the site's definition, from 0
function twin:repair_card(name, rack) end

---cards fail and are repaired by chance, after exponential times
---@param site? string id of the site; all when left out
---@param mtbf_s number of one card; 0: none fails any more
---@param mttr_s? number until it is repaired
function twin:set_card_faults(site, mtbf_s, mttr_s) end

---instances of a service at a site follow its load
---@param service string id in the catalogue
---@param site? string id of the site; all that serve it when left out
---@param min? number instances; 0: none without work
---@param max? number instances
---@param target? number busy share of the instances
---@param cooldown_s? number that fewer must be wanted before there are fewer
function twin:set_scaling(service, site, min, max, target, cooldown_s) end

---a site loses the grid: it goes on by sun, wind and battery while these carry it
---@param name string id of the site
function twin:cut_power(name) end

---a site has the grid again
---@param name string id of the site
function twin:restore_power(name) end

---a new version of a model becomes known
---@param model string id in the catalogue
---@param version number a new number
---@param image_gb number size of the deployed image
---@param quality number share of right decisions on fresh input
function twin:release_model(model, version, image_gb, quality) end

---a version of a model is made smaller by a method of the catalogue: a new version
---@param model string id in the catalogue
---@param method string id in the catalogue of compressions
---@param version? number that is made smaller; 0: the newest
function twin:compress_model(model, method, version) end

---a version of a model in another size, its quality by the law of tuning: a new version
---@param model string id in the catalogue
---@param factor number of parameters, image and operations
---@param version? number that is resized; 0: the newest
function twin:resize_model(model, factor, version) end

---the newest fine-tuning of a model that is under way ends without a version
---@param model string id in the catalogue
function twin:cancel_tuning(model) end

---which imported cards may be bought; restricted orders under way are cancelled
---@param rule string none, oct2023-first or oct2023 (both tiers)
function twin:export_control(rule) end

---model versions need approval from now on; those that serve have it
---@param reviewers? number people
---@param review_days? number working days of a review in the mean
---@param day_s? number of the clock for a working day
---@param review_finds? number share of versions worse than declared that a review refuses
---@param trial_decisions? number decisions that a trial judges
---@param trial_margin? number error share above the declared one that passes
---@param bad_share? number of new versions, worse than declared
---@param bad_loss? number of their quality in the mean
---@param complaint_share? number of people who meet a wrong decision
---@param drift? number quality lost in another city than it was made of
---@param fast_track? number 1: each version goes one track lower
function twin:require_approval(reviewers, review_days, day_s, review_finds, trial_decisions, trial_margin, bad_share, bad_loss, complaint_share, drift, fast_track) end

---a version is taken back from its approval
---@param model string id in the catalogue
---@param version? number 0: the newest
function twin:withdraw_model(model, version) end

---what is submitted from now on goes one track lower, or not
---@param on number 1 on, 0 off
function twin:fast_track(on) end

---a data consumer asks for a source; integrators build what it takes
---@param consumer string id of the data consumer
---@param source? string id of the source; all it wants when left out
function twin:connect_source(consumer, source) end

---how connections asked for from now on are made
---@param mode string point_to_point or fabric
function twin:wire_data(mode) end

---how many people build adapters
---@param people number integrators
function twin:set_integrators(people) end

---a sector's owner allows or forbids a use of its data
---@param sector string id of the sector
---@param purpose string as a consumer declares it
---@param on? number 1 allowed, 0 forbidden
function twin:allow_purpose(sector, purpose, on) end

---records of a source leave it only in groups of k equals
---@param source string id of the source
---@param k number least size of a group; 1: records leave as they are
function twin:anonymise(source, k) end

---a source's form changes: its adapters stand still until they are reworked
---@param source string id of the source
function twin:change_schema(source) end

---a production line stops making parts
---@param name string id of the production line
function twin:stop_line(name) end

---a stopped line goes on
---@param name string id of the production line
function twin:start_line(name) end

---a park orders what it lacks and pays for it
---@param name string id of the park
---@param what string fibre, power, people or inference: up to what its lines need
function twin:equip_park(name, what) end

---the fund grants a park money
---@param name string id of the park
---@param cny number out of the fund; the lenders add theirs by its leverage
function twin:fund_park(name, cny) end

---the fund pays for the training of unskilled people
---@param region string id of the region
---@param people number unskilled ones, skilled two quarters later
function twin:retrain(region, people) end

---the fund stands for a start-up's sales
---@param supplier string id of the start-up
---@param quarters number of deliveries that the fund buys if nobody else does
function twin:guarantee(supplier, quarters) end

---a purchase for every line: what follows is compared with what was before
---@param capex_cny number spent on each line
---@param years? number that it is used
function twin:appraise(capex_cny, years) end

---how many serve at a desk, and how many cases come
---@param name string id of the desk
---@param servers? number people who serve; 0: as many as there are
---@param per_h? number cases that come; -1: as many as now
function twin:set_desk(name, servers, per_h) end

---what lines did since the last close stands for a quarter of a year
---@param delay_s? number mean time that a trip lost
---@param on_time_share? number of requests, those answered before their deadline
---@param latency_ms? number mean of the answers
---@param energy_kwh? number of computers and network an hour
function twin:close_quarter(delay_s, on_time_share, latency_ms, energy_kwh) end

---how a request's site is chosen
---@param name string latency, nearest, edge_only, cloud_only, least_loaded, carbon, script, or default: of a type, the city's
---@param type? string request type; the city's policy when left out
function twin:set_policy(name, type) end

---admission, retries, hedging, residency and waiting of a request type; what is left out stays
---@param type? string request type; all when left out
---@param admission? number refused when the forecast is later than so many deadlines; 0: never
---@param retries? number further tries of one request at most
---@param retry_budget? number retries and hedges per request sent; 0: 0.2
---@param hedge? number a second copy goes when this share of the answers would be there; 0: never
---@param residency? number where data may go: 0 anywhere, 1 not west, 2 in its district
---@param deferrable? number 1: under the carbon policy it may wait for an hour with less CO2
function twin:set_guard(type, admission, retries, retry_budget, hedge, residency, deferrable) end

---circuit breakers between requests and sites
---@param on number 1 on, 0 off
---@param window? number outcomes looked at
---@param failure_share? number of them failed: it opens
---@param open_s? number before it lets one through again
---@param trials? number answers in a row that close it
function twin:set_breaker(on, window, failure_share, open_s, trials) end

---people or machines at a place who send requests of a type
---@param name string a new id
---@param type string request type
---@param x number east of the city's origin
---@param y number north of the city's origin
---@param per_s number requests in the mean
function twin:place_crowd(name, type, x, y, per_s) end

---how much a crowd asks
---@param name string id of the crowd
---@param per_s number requests in the mean from now on
function twin:set_crowd(name, per_s) end

---rolls a model version out to the sites of a tier, in waves
---@param model string id in the catalogue
---@param version? number 0: the newest
---@param wave? number sites a wave; 0: all at once
---@param tier? string tier of the sites; edge when left out
---@param canary? number share of the first site's requests that it answers before all; 0: none
---@param sample? number answers that health checks look at; 200 with a canary, else none
---@param max_error? number wrong share of them above which it goes back; 0: as declared and 0.05
---@param max_late? number late share of them above which it goes back; 0: any
function twin:deploy_model(model, version, wave, tier, canary, sample, max_error, max_late) end

---puts a model version on the track of its risk: register, review, or review and trial
---@param model string id in the catalogue
---@param version? number 0: the newest
---@param data? string that it sees: public, internal, personal or special; internal when left out
---@param autonomy? string advises, confirmed (by a person) or alone; alone when left out
---@param reach? string of its decisions: site, district or city; city when left out
---@param dataset? string that it works on, for the exposure
---@param site? string of its trial; the first that serves the model when left out
---@param share? number of that site's requests that it answers in the trial; 0: in the shadow
function twin:submit_model(model, version, data, autonomy, reach, dataset, site, share) end

---undoes the newest deployment of a model
---@param model string id in the catalogue
function twin:rollback_model(model) end

---switches a coupling between domains on or off
---@param name string radio, signals, factory, assistant, energy, rollout or advice
---@param on number 1 on, 0 off
function twin:set_coupling(name, on) end

---a site or node goes dark: its computers and links
---@param name string id of the site or node
function twin:fail_node(name) end

---a site or node comes back
---@param name string id of the site or node
function twin:repair_node(name) end

---a new edge site, wired to the nearest one; its models come over the network
---@param name string a new id
---@param x number east of the city's origin
---@param y number north of the city's origin
---@param card? string id in the catalogue
---@param count? number cards; 0: none, they are ordered
---@param fibre_gbps? number capacity of the link to the nearest site
function twin:place_edge_site(name, x, y, card, count, fibre_gbps) end

---a copy of a dataset goes to a site, from the nearest replica
---@param name string id of the dataset
---@param site string id of the site
function twin:replicate(name, site) end

---a site reads a dataset from the nearest replica
---@param name string id of the dataset
---@param site string id of the site that reads
---@param gb? number how much; 0: all
function twin:read_data(name, site, gb) end

---a site's store is gone for good, and the data that lay there
---@param name string id of the site or node
function twin:lose_store(name) end

---a model is fine-tuned on datasets at a site: a new version, after its reading and training
---@param model string id in the catalogue
---@param data string ids of datasets, with commas between them
---@param site string id of the site that reads the data and trains
---@param version? number that is tuned; 0: the newest
---@param method? string full or lora; full when left out
---@param purpose? string what the version is for
---@param epochs? number passes over the data; below 1 a part of it
---@param cards? number that train together, at least; 0: as few as hold it
function twin:tune_model(model, data, site, version, method, purpose, epochs, cards) end

---buys cards for a site; they come after their maker's queue and lead time
---@param card string id in the catalogue
---@param site string id of the site that gets them
---@param count number cards
function twin:order_cards(card, site, count) end

---a tick with a text on the time bar
---@param text string what happened
---@param zh? string the same in Chinese
function twin:note(text, zh) end

---switches a roadside unit off
---@param name string a roadside unit
function twin:fail_roadside(name) end

---switches a roadside unit on again
---@param name string a roadside unit
function twin:repair_roadside(name) end

---who decides from now on: a model, the perfect decider, nobody, or people
---@param kind string of decision, as in the table "decisions"
---@param by string model, perfect, none or human
---@param staff? number people at it, of human; 0: as many as there are
function twin:set_decider(kind, by, staff) end

---changes a live parameter
---@param id string of a parameter with when = "live"
---@param value number a number; 0 or 1 for a boolean, the place from 0 for a choice
function twin:set_param(id, value) end

---Directions of roads as they are now.
---@param filter? table
---@return rows
function twin:edges(filter) end

---Junctions as they are now.
---@param filter? table
---@return rows
function twin:junctions(filter) end

---What disturbs traffic now.
---@param filter? table
---@return rows
function twin:disturbances(filter) end

---Signal programmes as they are now.
---@param filter? table
---@return rows
function twin:signals(filter) end

---Green waves that were made.
---@param filter? table
---@return rows
function twin:waves(filter) end

---Bus lines as they are now.
---@param filter? table
---@return rows
function twin:bus_lines(filter) end

---Stops of bus lines as they are now.
---@param filter? table
---@return rows
function twin:bus_stops(filter) end

---Crossings for people on foot as they are now; none before the first walker.
---@param filter? table
---@return rows
function twin:crossings(filter) end

---fibre between network nodes
---@param filter? table
---@return rows
function twin:links(filter) end

---radio cells
---@param filter? table
---@return rows
function twin:cells(filter) end

---network nodes
---@param filter? table
---@return rows
function twin:nodes(filter) end

---computing sites as they are now
---@param filter? table
---@return rows
function twin:sites(filter) end

---energy of computing sites since the start: what it went into and where it came from
---@param filter? table
---@return rows
function twin:site_energy(filter) end

---energy, carbon and cost of services over all sites, and of a request
---@param filter? table
---@return rows
function twin:service_energy(filter) end

---what the sequences of language models met, over all sites
---@param filter? table
---@return rows
function twin:language_models(filter) end

---versions of models and what they came from
---@param filter? table
---@return rows
function twin:models(filter) end

---rollouts of model versions
---@param filter? table
---@return rows
function twin:deployments(filter) end

---datasets of the fabric
---@param filter? table
---@return rows
function twin:datasets(filter) end

---where datasets lie
---@param filter? table
---@return rows
function twin:replicas(filter) end

---cards that can be bought, and what was ordered of them
---@param filter? table
---@return rows
function twin:card_supply(filter) end

---orders of cards
---@param filter? table
---@return rows
function twin:card_orders(filter) end

---fine-tunings of models on data of the fabric
---@param filter? table
---@return rows
function twin:tunings(filter) end

---model versions on their way to approval, and what came of them
---@param filter? table
---@return rows
function twin:approvals(filter) end

---owners of data, and what became of them
---@param filter? table
---@return rows
function twin:sectors(filter) end

---the catalogue of sources
---@param filter? table
---@return rows
function twin:data_sources(filter) end

---who wants data, and what they have
---@param filter? table
---@return rows
function twin:data_consumers(filter) end

---which source goes into which dataset, and its records
---@param filter? table
---@return rows
function twin:data_streams(filter) end

---what integrators build
---@param filter? table
---@return rows
function twin:data_adapters(filter) end

---production lines in the city since the start
---@param filter? table
---@return rows
function twin:production_lines(filter) end

---stations of those lines since the start
---@param filter? table
---@return rows
function twin:stations(filter) end

---those lines by shift since the start
---@param filter? table
---@return rows
function twin:shifts(filter) end

---industrial parks and what they lack
---@param filter? table
---@return rows
function twin:parks(filter) end

---regions and their people
---@param filter? table
---@return rows
function twin:regions(filter) end

---who has what money
---@param filter? table
---@return rows
function twin:accounts(filter) end

---start-ups that sell to the programme
---@param filter? table
---@return rows
function twin:suppliers(filter) end

---closed quarters: what was measured and the productivity that follows
---@param filter? table
---@return rows
function twin:quarters(filter) end

---what a purchase saves and gains each line, and whether it pays
---@param filter? table
---@return rows
function twin:appraisals(filter) end

---desks and their cases by class
---@param filter? table
---@return rows
function twin:desks(filter) end

---counts and latency by request type
---@param filter? table
---@return rows
function twin:request_types(filter) end

---poles with camera, radar and broadcast
---@param filter? table
---@return rows
function twin:roadside_units(filter) end

---who decides what, how often, and how often wrongly
---@param filter? table
---@return rows
function twin:decisions(filter) end

---breakdowns since the start and those open then
---@param filter? table
---@return rows
function twin:incidents(filter) end

