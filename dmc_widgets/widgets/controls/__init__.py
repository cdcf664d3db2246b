"""Controls of our own: plain JavaScript beside the Python, without a build step."""

from __future__ import annotations

from .account_bar import AccountBar, build_account_bar
from .chart import Chart, chart_series
from .code_buttons import CodeButtons
from .dialog import Dialog
from .download_button import DownloadButton, read_chunks
from .filter_bar import FilterBar, FilterOption
from .filter_builder import FilterBuilder
from .filter_chips import FilterChips
from .graph_view import GraphNode, GraphView
from .heartbeat import Heartbeat
from .link_list import LinkGroup, LinkItem, LinkList
from .local_times import LocalTimes
from .mapping_grid import MappingGrid
from .menu_button import MenuButton
from .navigation import Navigation, NavigationLink
from .paged_table import Column, PagedTable, RowSource, Sort, input_cell
from .preview_grid import PreviewGrid
from .section_nav import SectionNav, section_class
from .stepper import Stepper
from .upload_control import UploadControl, UploadSink
from .value_table import ValueTable

__all__ = [
    "AccountBar",
    "Chart",
    "CodeButtons",
    "Column",
    "Dialog",
    "DownloadButton",
    "FilterBar",
    "FilterBuilder",
    "FilterChips",
    "FilterOption",
    "GraphNode",
    "GraphView",
    "Heartbeat",
    "LinkGroup",
    "LinkItem",
    "LinkList",
    "LocalTimes",
    "MappingGrid",
    "MenuButton",
    "Navigation",
    "NavigationLink",
    "PagedTable",
    "PreviewGrid",
    "RowSource",
    "SectionNav",
    "Sort",
    "Stepper",
    "UploadControl",
    "UploadSink",
    "ValueTable",
    "build_account_bar",
    "chart_series",
    "input_cell",
    "read_chunks",
    "section_class",
]
