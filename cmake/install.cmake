# What `cmake --install` and cpack give: the command, one static library with all floors below the window, the headers,
# the data, and find_package(jingwei).
include(CMakePackageConfigHelpers)

# The folders' libraries as one archive, so that a user links `jingwei::jingwei` and nothing else of ours.
set(merged ${CMAKE_CURRENT_BINARY_DIR}/libjingwei.a)
set(parts base kernel geo city frame traffic network compute ai economy twin script record study)
set(files "")
set(targets "")
foreach(part ${parts})
  list(APPEND files $<TARGET_FILE:jw_${part}>)
  list(APPEND targets jw_${part})
endforeach()
string(REPLACE ";" "\naddlib " script "${files}")
file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/libjingwei.mri
     CONTENT "create ${merged}\naddlib ${script}\nsave\nend\n")
add_custom_command(OUTPUT ${merged} COMMAND ${CMAKE_AR} -M < ${CMAKE_CURRENT_BINARY_DIR}/libjingwei.mri
                   DEPENDS ${targets} VERBATIM)
add_custom_target(jingwei_library ALL DEPENDS ${merged})

install(FILES ${merged} DESTINATION ${CMAKE_INSTALL_LIBDIR})
# The contracts: each folder's door, the parts of base's, and the second one of the city's.
foreach(part ${parts})
  if(part STREQUAL base)
    install(DIRECTORY engine/base DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/jingwei FILES_MATCHING PATTERN "*.h")
  else()
    install(FILES engine/${part}/${part}.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/jingwei/${part})
  endif()
endforeach()
install(FILES engine/city/sumo.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/jingwei/city)
install(FILES engine/traffic/traffic_control.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/jingwei/traffic)
install(FILES engine/ai/ai_approval.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/jingwei/ai)
install(FILES engine/network/network_roadside.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/jingwei/network)
install(FILES engine/ai/ai_sector.h engine/ai/ai_tune.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/jingwei/ai)
install(FILES engine/economy/economy_desk.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/jingwei/economy)
install(FILES engine/twin/twin_decision.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/jingwei/twin)
install(DIRECTORY scenes scripts DESTINATION ${CMAKE_INSTALL_DATADIR}/jingwei)
install(DIRECTORY assets DESTINATION ${CMAKE_INSTALL_DATADIR}/jingwei PATTERN "desktop" EXCLUDE)
install(FILES assets/desktop/jingwei.desktop DESTINATION ${CMAKE_INSTALL_DATADIR}/applications)
install(FILES assets/desktop/jingwei.svg DESTINATION ${CMAKE_INSTALL_DATADIR}/icons/hicolor/scalable/apps)
install(FILES assets/desktop/jingwei.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)

set(cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/jingwei)
configure_package_config_file(cmake/jingwei-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/jingwei-config.cmake
                              INSTALL_DESTINATION ${cmake_folder}
                              PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/jingwei-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/jingwei-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/jingwei-config-version.cmake DESTINATION ${cmake_folder})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME jingwei)
set(CPACK_PACKAGE_CONTACT "The Jingwei authors <jingwei@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "proj-data")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "fonts-wqy-microhei, libgl1-mesa-dri")
include(CPack)
