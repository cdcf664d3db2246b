import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Prints, as JSON, which properties Jackson knows of the classes named as arguments
 * and of the classes nested in them.
 *
 * <p>A property has a type, such as <code>string</code> or <code>ObjectField[]</code>,
 * and where it has few values, these. Jackson takes a read-only property of a nested
 * object from JSON without using it.
 */
public class Properties {

	public static void main(String[] classNames) throws Exception {
		Deque<Class<?>> waiting = new ArrayDeque<>();

		for (String className : classNames) {
			try {
				waiting.add(Class.forName(className));
			}
			catch (ClassNotFoundException exception) {
				// This version has no such class.
			}
		}

		Map<String, Object> known = new TreeMap<>();

		while (!waiting.isEmpty()) {
			Class<?> dto = waiting.remove();

			if (!known.containsKey(dto.getName())) {
				known.put(dto.getName(), describe(dto, waiting));
			}
		}

		System.out.println(_mapper.writeValueAsString(known));
	}

	private static Map<String, Object> describe(
		Class<?> dto, Deque<Class<?>> waiting) {

		JavaType type = _mapper.constructType(dto);

		BeanDescription written = _mapper.getSerializationConfig().introspect(type);
		BeanDescription read = _mapper.getDeserializationConfig().introspect(type);

		List<BeanPropertyDefinition> settable = read.findProperties();
		Set<String> ignored = read.getIgnoredPropertyNames();

		Map<String, Object> properties = new TreeMap<>();

		for (BeanPropertyDefinition property : written.findProperties()) {
			if (ignored.contains(property.getName()) &&
				property.hasField()) {

				properties.put(
					property.getName(),
					describe(property.getField().getType(), true, waiting));
			}
		}

		for (BeanPropertyDefinition property : settable) {
			if (!ignored.contains(property.getName())) {
				properties.put(
					property.getName(),
					describe(property.getPrimaryType(), false, waiting));
			}
		}

		return properties;
	}

	private static Map<String, Object> describe(
		JavaType type, boolean readOnly, Deque<Class<?>> waiting) {

		Map<String, Object> property = new TreeMap<>();

		property.put("type", describe(type, property, waiting));

		if (readOnly) {
			property.put("readOnly", true);
		}

		return property;
	}

	private static String describe(
		JavaType type, Map<String, Object> property, Deque<Class<?>> waiting) {

		Class<?> raw = type.getRawClass();

		if (type.isArrayType() || type.isCollectionLikeType()) {
			return describe(type.getContentType(), property, waiting) + "[]";
		}

		if (type.isEnumType()) {
			List<String> values = new ArrayList<>();

			for (Object value : raw.getEnumConstants()) {
				values.add(_mapper.convertValue(value, String.class));
			}

			values.sort(null);
			property.put("values", values);

			return "string";
		}

		if (raw.getName().startsWith("com.liferay.")) {
			waiting.add(raw);

			return raw.getName();
		}

		if (raw == Boolean.class) {
			return "boolean";
		}

		if ((raw == Integer.class) || (raw == Long.class)) {
			return "integer";
		}

		if (Number.class.isAssignableFrom(raw)) {
			return "number";
		}

		return ((raw == Object.class) || type.isMapLikeType()) ? "object" : "string";
	}

	private static final ObjectMapper _mapper = new ObjectMapper();

}
