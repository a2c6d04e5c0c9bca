package dev.drydock.adapter.postgres;

import java.util.List;

/**
 * How a table's rows lie in its pages, by <a
 * href="https://www.postgresql.org/docs/current/storage-page-layout.html">Database Page Layout</a>
 * in PostgreSQL's documentation: from that, how much room they need side by side. Pure.
 *
 * @param pageSize in bytes
 * @param fillfactor how full a page is made, in percent
 * @param attributes how many columns a row has, with those that were dropped
 * @param alwaysNulls whether each row has a null: a column that was dropped, or is not stored
 * @param columns those that are stored, in the order of the rows
 */
record HeapLayout(
    int pageSize, int fillfactor, int attributes, boolean alwaysNulls, List<Column> columns) {
  private static final int PAGE_HEADER = 24;
  private static final int ITEM_POINTER = 4;
  private static final int ROW_HEADER = 23;

  /** What rows, and their headers, are aligned to on 64-bit machines. */
  private static final int MAX_ALIGNMENT = 8;

  /** From this width on, most values have a header of four bytes, and are aligned. */
  private static final int LONG_VALUE = 127;

  HeapLayout {
    columns = List.copyOf(columns);
  }

  /**
   * A column.
   *
   * @param length of each value in bytes; not positive: it varies
   * @param alignment of a value, in bytes: a power of two
   * @param nulls the share of rows without a value, from 0 to 1
   * @param width of a value as it is stored, in the mean
   */
  record Column(int length, int alignment, double nulls, double width) {
    private boolean isFixed() {
      return length > 0;
    }
  }

  /**
   * Where in a row something begins, as far as that is known: {@code at}, or any number of {@code
   * grid} behind it. A grid is a power of two; 1 means that nothing is known.
   */
  private record Place(int at, int grid) {
    private static final Place START = new Place(0, MAX_ALIGNMENT);
    private static final Place ANYWHERE = new Place(0, 1);

    /** How many bytes are left out in the mean before something that is aligned. */
    private double padding(int alignment) {
      int cases = Math.max(1, alignment / grid);
      double sum = 0;
      for (int i = 0; i < cases; i++) {
        sum += Math.floorMod(-(at + i * grid), alignment);
      }
      return sum / cases;
    }

    private Place behind(int alignment, int length) {
      int known = Math.max(grid, alignment);
      int begin = alignment > grid ? 0 : at + (int) padding(alignment);
      return new Place((begin + length) % known, known);
    }

    /** What is known of it if it is one or the other. */
    private Place or(Place other) {
      int both = Math.min(grid, other.grid);
      while ((at - other.at) % both != 0) {
        both /= 2;
      }
      return new Place(at % both, both);
    }
  }

  /** How many bytes a row takes in the mean, without the pointer to it. */
  double row() {
    double length = header();
    Place place = Place.START;
    for (Column column : columns) {
      boolean aligned = column.isFixed() || column.width() >= LONG_VALUE;
      int alignment = aligned ? column.alignment() : 1;
      length += (1 - column.nulls()) * (place.padding(alignment) + column.width());
      Place behind = column.isFixed() ? place.behind(alignment, column.length()) : Place.ANYWHERE;
      place = column.nulls() > 0 ? place.or(behind) : behind;
    }
    return length + place.padding(MAX_ALIGNMENT);
  }

  /** Rows that have a null have a bit for each column. */
  private double header() {
    int without = align(ROW_HEADER);
    int with = align(ROW_HEADER + (attributes + 7) / 8);
    double share = alwaysNulls ? 1 : columns.stream().mapToDouble(Column::nulls).max().orElse(0);
    return without + share * (with - without);
  }

  private static int align(int length) {
    return (length + MAX_ALIGNMENT - 1) / MAX_ALIGNMENT * MAX_ALIGNMENT;
  }

  /** How many bytes so many rows need, in whole pages. */
  long bytes(double rows) {
    double kept = pageSize * (100 - fillfactor) / 100.0;
    // No row is split: what is too little for one more is lost.
    double rowsInPage =
        Math.max(1, Math.floor((pageSize - PAGE_HEADER - kept) / (row() + ITEM_POINTER)));
    return (long) Math.ceil(rows / rowsInPage) * pageSize;
  }
}
