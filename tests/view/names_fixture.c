#include "view/names_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FONT "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"

static const char town[] =
    "<osm version='0.6'>"
    "<node id='1' lon='115.9230' lat='39.0400'/><node id='2' lon='115.9280' lat='39.0400'/>"
    "<node id='3' lon='115.9320' lat='39.0400'/><node id='4' lon='115.9370' lat='39.0400'/>"
    "<node id='5' lon='115.9280' lat='39.0360'/><node id='6' lon='115.9280' lat='39.0440'/>"
    "<node id='7' lon='115.9320' lat='39.0360'/><node id='8' lon='115.9320' lat='39.0440'/>"
    "<node id='9' lon='115.9340' lat='39.0415'/><node id='10' lon='115.9366' lat='39.0415'/>"
    "<node id='11' lon='115.9366' lat='39.0435'/><node id='12' lon='115.9340' lat='39.0435'/>"
    "<node id='13' lon='115.9240' lat='39.0415'/><node id='14' lon='115.9265' lat='39.0415'/>"
    "<node id='15' lon='115.9265' lat='39.0432'/><node id='16' lon='115.9240' lat='39.0432'/>"
    "<node id='17' lon='115.9250' lat='39.0380'>"
    "<tag k='railway' v='station'/><tag k='name' v='南站'/><tag k='name:en' v='South station'/></node>"
    "<way id='1'><nd ref='1'/><nd ref='2'/><tag k='highway' v='primary'/><tag k='name' v='人民路'/>"
    "<tag k='name:en' v='Renmin Road'/><tag k='name:zh' v='人民路'/></way>"
    "<way id='2'><nd ref='2'/><nd ref='3'/><tag k='highway' v='primary'/><tag k='name' v='人民路'/>"
    "<tag k='name:en' v='Renmin Road'/></way>"
    "<way id='3'><nd ref='3'/><nd ref='4'/><tag k='highway' v='primary'/><tag k='name' v='人民路'/>"
    "<tag k='name:en' v='Renmin Road'/></way>"
    "<way id='4'><nd ref='5'/><nd ref='2'/><nd ref='6'/><tag k='highway' v='secondary'/><tag k='name' "
    "v='Dongfeng Jie'/>"
    "<tag k='name:zh' v='东风街'/></way>"
    "<way id='5'><nd ref='7'/><nd ref='3'/><nd ref='8'/><tag k='highway' v='residential'/><tag k='name' "
    "v='槐树巷'/></way>"
    "<way id='6'><nd ref='9'/><nd ref='10'/><nd ref='11'/><nd ref='12'/><nd ref='9'/><tag k='leisure' "
    "v='park'/>"
    "<tag k='name' v='人民公园'/><tag k='name:en' v='People&apos;s Park'/></way>"
    "<way id='7'><nd ref='13'/><nd ref='14'/><nd ref='15'/><nd ref='16'/><nd ref='13'/><tag k='natural' "
    "v='water'/>"
    "<tag k='name' v='镜湖'/><tag k='name:en' v='Mirror Lake'/></way>"
    "</osm>";

jw_city *names_fixture_city(void)
{
    jw_draft draft = {0};
    jw_problems problems = {0};
    jw_error error = {0};
    jw_city *city = NULL;
    jw_result result = jw_read_osm_bytes(town, sizeof town - 1, "town.osm", &draft, &problems, &error);
    if (result == JW_OK)
        result = jw_city_build(&draft, NULL, &problems, NULL, NULL, &city, &error);
    if (result != JW_OK) {
        fprintf(stderr, "fixture: %s\n", error.message);
        abort();
    }
    jw_draft_free(&draft);
    jw_problems_free(&problems);
    return city;
}

const char *names_fixture_font(void)
{
    if (jw_file_exists(FONT))
        return FONT;
    printf("skipped: the font fonts-wqy-microhei is not here\n");
    return NULL;
}
