"""Addresses of this room's pages."""

from django.urls import path

from insights.views import board, exports, outlook, passing

urlpatterns = [
    path("statistics/", board.scoreboard, name="insights"),
    path("statistics/units/<slug:code>/", board.unit_sheet, name="insights_unit"),
    path("statistics/rows/<slug:key>/<slug:part>/", board.indicator_rows, name="indicator_rows"),
    path("statistics/definitions/", board.definitions, name="indicators"),
    path("statistics/export/", exports.export_board, name="insights_export"),
    path("statistics/rows/<slug:key>/<slug:part>/export/", exports.export_rows, name="indicator_rows_export"),
    path("statistics/passing/", passing.passing, name="passing"),
    path("statistics/passing/rows/", passing.passing_rows, name="passing_rows"),
    path("statistics/outlook/", outlook.outlook, name="outlook"),
    path("statistics/calibration/", outlook.calibration, name="calibration"),
    path("statistics/calibration/rows/", outlook.calibration_rows, name="calibration_rows"),
]
