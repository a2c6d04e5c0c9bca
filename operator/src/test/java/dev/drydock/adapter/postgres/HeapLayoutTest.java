package dev.drydock.adapter.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.drydock.adapter.postgres.HeapLayout.Column;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeapLayoutTest {
  private static final Column BOOL = fixed(1, 1);
  private static final Column INT = fixed(4, 4);
  private static final Column BIGINT = fixed(8, 8);
  private static final Column TEXT = new Column(-1, 4, 0, 11);

  private static Column fixed(int length, int alignment) {
    return new Column(length, alignment, 0, length);
  }

  private static Column nullable(Column column, double nulls) {
    return new Column(column.length(), column.alignment(), nulls, column.width());
  }

  private static HeapLayout layout(Column... columns) {
    return new HeapLayout(8192, 100, columns.length, false, List.of(columns));
  }

  private static double row(Column... columns) {
    return layout(columns).row();
  }

  @Test
  void alignsWhatIsAligned() {
    assertThat(row()).isEqualTo(24);
    assertThat(row(INT)).as("the next row is aligned").isEqualTo(32);
    assertThat(row(BIGINT)).isEqualTo(32);
    assertThat(row(INT, INT, BIGINT)).isEqualTo(40);
    assertThat(row(INT, BIGINT, INT)).isEqualTo(48);
    assertThat(row(BOOL, BIGINT, BOOL)).isEqualTo(48);
    assertThat(row(BOOL, BOOL, INT)).isEqualTo(32);
  }

  @Test
  void takesTheMeanOfWhatDependsOnTheRow() {
    assertThat(row(TEXT)).isEqualTo(24 + 11 + 3.5);
    assertThat(row(TEXT, BIGINT)).isEqualTo(24 + 11 + 3.5 + 8);
    assertThat(row(TEXT, INT)).as("0 or 4 bytes behind it").isEqualTo(24 + 11 + 1.5 + 4 + 2);
    assertThat(row(BOOL, new Column(-1, 4, 0, 200)))
        .as("a long value is aligned")
        .isEqualTo(24 + 1 + 3 + 200 + 3.5);
    assertThat(row(nullable(BIGINT, 0.5), BIGINT)).isEqualTo(24 + 4 + 8);
    assertThat(row(nullable(INT, 0.5), BIGINT))
        .as("4 bytes are left out or not")
        .isEqualTo(24 + 2 + 2 + 8);
  }

  @Test
  void countsTheBitsOfNulls() {
    var nine = new Column[9];
    Arrays.fill(nine, BIGINT);
    assertThat(row(nine)).isEqualTo(24 + 72);
    nine[8] = nullable(BIGINT, 0.25);
    assertThat(row(nine)).as("every fourth row has them").isEqualTo(24 + 8 * 0.25 + 64 + 6);
    assertThat(new HeapLayout(8192, 100, 9, true, List.of(BIGINT)).row()).isEqualTo(32 + 8);
    assertThat(new HeapLayout(8192, 100, 8, true, List.of(BIGINT)).row()).isEqualTo(24 + 8);
  }

  @Test
  void fillsPages() {
    assertThat(layout(INT).bytes(0)).isZero();
    assertThat(layout(INT).bytes(226)).isEqualTo(8192);
    assertThat(layout(INT).bytes(227)).isEqualTo(2 * 8192);
    assertThat(new HeapLayout(8192, 50, 1, false, List.of(INT)).bytes(226)).isEqualTo(2 * 8192);
    Column wide = new Column(-1, 4, 0, 7000);
    assertThat(layout(wide).bytes(10)).as("at least one in a page").isEqualTo(10 * 8192);
    Column page = fixed(3000, 4);
    assertThat(layout(page).bytes(10)).as("no row is split").isEqualTo(5 * 8192);
  }
}
