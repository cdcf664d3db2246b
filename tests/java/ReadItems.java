import com.fasterxml.jackson.annotation.JsonAnySetter;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads items into a class as the batch engine does: one property at a time.
 *
 * <p>Each line of standard input is the name of a class, a tab, and an item as JSON. For
 * each line one is printed: <code>ok</code>, or what Jackson refused. With the argument
 * <code>top</code>, properties that the class lacks at the top are refused, too.
 */
public class ReadItems {

	public static void main(String[] arguments) throws Exception {
		boolean top = (arguments.length > 0) && arguments[0].equals("top");

		BufferedReader lines = new BufferedReader(
			new InputStreamReader(System.in, StandardCharsets.UTF_8));

		for (String line = lines.readLine(); line != null;
			 line = lines.readLine()) {

			int tab = line.indexOf('\t');

			System.out.println(
				read(
					Class.forName(line.substring(0, tab)),
					_mapper.readValue(
						line.substring(tab + 1), LinkedHashMap.class),
					top));
		}
	}

	private static String read(Class<?> type, Map<?, ?> item, boolean top)
		throws Exception {

		List<String> unknown = new ArrayList<>();

		for (Map.Entry<?, ?> entry : item.entrySet()) {
			Field field = find(type, (String)entry.getKey());

			if (field == null) {
				unknown.add((String)entry.getKey());

				continue;
			}

			try {
				_mapper.convertValue(entry.getValue(), field.getType());
			}
			catch (IllegalArgumentException exception) {
				return exception.getMessage().replace("\n", "\\n");
			}
		}

		if (top && !unknown.isEmpty() && !isOpen(type)) {
			return unknown.toString();
		}

		return "ok";
	}

	private static Field find(Class<?> type, String name) {
		for (Field field : type.getDeclaredFields()) {
			if (field.getName().equals(name)) {
				return field;
			}
		}

		return null;
	}

	private static boolean isOpen(Class<?> type) {
		for (Field field : type.getDeclaredFields()) {
			if (field.isAnnotationPresent(JsonAnySetter.class)) {
				return true;
			}
		}

		return false;
	}

	private static final ObjectMapper _mapper = new ObjectMapper();

}
